# One folder of src = one static library = one namespace. A library may link only folders of a
# smaller layer number (src/LAYERS); the configure step stops at any other edge.

file(STRINGS ${PROJECT_SOURCE_DIR}/src/LAYERS SH_LAYER_LINES)
foreach(line IN LISTS SH_LAYER_LINES)
  string(REPLACE " " ";" pair "${line}")
  list(GET pair 0 folder)
  list(GET pair 1 number)
  set(SH_LAYER_${folder} ${number})
endforeach()

# What tests/mutants links changed copies of instead stands in an object of its own.
set(SH_MUTATED)
if(SH_BUILD_TESTS AND NOT SH_SANITIZE)
  execute_process(COMMAND python3 ${PROJECT_SOURCE_DIR}/tests/mutants/make_mutants.py
    ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR} --list
    OUTPUT_VARIABLE SH_MUTATED OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  list(TRANSFORM SH_MUTATED PREPEND ${PROJECT_SOURCE_DIR}/src/)
endif()

# sh_grouped(variable name file...): what to compile in the files' stead: groups of them that read
# their headers once (scripts/source_groups.py) if SH_GROUP_SOURCES is on, else just the files.
function(sh_grouped variable name)
  set(compiled ${ARGN})
  if(SH_GROUP_SOURCES)
    set(files ${ARGN})
    list(FILTER files INCLUDE REGEX "\\.cc$")
    list(FILTER files EXCLUDE REGEX "^${PROJECT_BINARY_DIR}/")
    if(SH_MUTATED)
      list(REMOVE_ITEM files ${SH_MUTATED})
    endif()
    list(REMOVE_ITEM compiled ${files})
    execute_process(COMMAND python3 ${PROJECT_SOURCE_DIR}/scripts/source_groups.py
      ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/groups/${name} ${files}
      WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
      OUTPUT_VARIABLE printed COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCHALL "[^\n]+" groups "${printed}")
    list(APPEND compiled ${groups})
  endif()
  set(${variable} ${compiled} PARENT_SCOPE)
endfunction()

# sh_library(NAME folder [DEPS folder...] [PUBLIC target...] [PRIVATE target...] [WITHOUT regex])
# Takes every *.cc of the current folder (subfolders too) but those whose paths match WITHOUT;
# *_test.cc become the binary <folder>_test. Without a program or a test that links it, a library is
# not built.
function(sh_library)
  cmake_parse_arguments(ARG "" "NAME;WITHOUT" "DEPS;PUBLIC;PRIVATE" ${ARGN})
  if(NOT DEFINED SH_LAYER_${ARG_NAME})
    message(FATAL_ERROR "src/${ARG_NAME} is not in src/LAYERS")
  endif()
  foreach(dep IN LISTS ARG_DEPS)
    if(NOT DEFINED SH_LAYER_${dep} OR NOT SH_LAYER_${dep} LESS SH_LAYER_${ARG_NAME})
      message(FATAL_ERROR "src/${ARG_NAME} may not link src/${dep}: "
        "only smaller layers (src/LAYERS)")
    endif()
  endforeach()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cc)
  if(ARG_WITHOUT)
    list(FILTER sources EXCLUDE REGEX "${ARG_WITHOUT}")
  endif()
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$|/main\\.cc$|_main\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  if(sources)
    sh_grouped(compiled ${ARG_NAME} ${sources})
    add_library(sh_${ARG_NAME} STATIC EXCLUDE_FROM_ALL ${compiled})
    set(scope PUBLIC)
    if(ARG_NAME IN_LIST SH_PLAIN_FOLDERS)
      target_compile_options(sh_${ARG_NAME} PRIVATE -O0)
      sh_precompile(sh_${ARG_NAME} sh_plain_pch)
    else()
      sh_precompile(sh_${ARG_NAME})
    endif()
    if(SH_BUILD_FUZZ)
      target_compile_options(sh_${ARG_NAME} PRIVATE ${SH_FUZZED_OPTIONS})
    endif()
  else()
    add_library(sh_${ARG_NAME} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(sh_${ARG_NAME} ${scope} ${PROJECT_SOURCE_DIR}/src)
  foreach(dep IN LISTS ARG_DEPS)
    target_link_libraries(sh_${ARG_NAME} ${scope} sh_${dep})
  endforeach()
  target_link_libraries(sh_${ARG_NAME} ${scope} sh_options ${ARG_PUBLIC})
  if(sources AND ARG_PRIVATE)
    target_link_libraries(sh_${ARG_NAME} PRIVATE ${ARG_PRIVATE})
  endif()
  if(tests AND SH_BUILD_TESTS)
    sh_test(NAME ${ARG_NAME}_test SOURCES ${tests} LINK sh_${ARG_NAME})
  endif()
endfunction()

# sh_on_request(target): built with `ninja tests`, or by its name, but not by default.
function(sh_on_request target)
  set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
  add_dependencies(tests ${target})
endfunction()

# sh_test_code(target): its sources are tests, or belong to some, and link GTest::gtest.
function(sh_test_code target)
  target_compile_options(${target} PRIVATE ${SH_TEST_OPTIONS})
  sh_precompile(${target} sh_test_pch)
endfunction()

# sh_test(NAME binary SOURCES file... [LINK target...] [LABELS label...] [RUN_WITH program]
#         [OPTIMIZED])
# A GoogleTest binary, known to ctest as a whole; its report tells scripts/run_suites what it ran.
# RUN_WITH is a program that runs the binary, beside a server for instance. OPTIMIZED is for tests
# that compute a lot themselves.
function(sh_test)
  cmake_parse_arguments(ARG "OPTIMIZED" "NAME;RUN_WITH" "SOURCES;LINK;LABELS" ${ARGN})
  sh_grouped(compiled ${ARG_NAME} ${ARG_SOURCES})
  add_executable(${ARG_NAME} ${compiled})
  sh_on_request(${ARG_NAME})
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_LINK} sh_options GTest::gtest_main GTest::gmock)
  target_include_directories(${ARG_NAME} PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src)
  if(ARG_OPTIMIZED)
    sh_precompile(${ARG_NAME})
  else()
    sh_test_code(${ARG_NAME})
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  add_test(NAME ${ARG_NAME} COMMAND ${ARG_RUN_WITH} $<TARGET_FILE:${ARG_NAME}>)
  set_tests_properties(${ARG_NAME} PROPERTIES LABELS "${ARG_LABELS}" SKIP_RETURN_CODE 77 ENVIRONMENT
    "GTEST_OUTPUT=json:${PROJECT_BINARY_DIR}/results/${ARG_NAME}.json;${SH_SANITIZER_ENVIRONMENT}")
endfunction()
