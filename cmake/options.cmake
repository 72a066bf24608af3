# Flags that every target of the project shares.
add_library(sh_options INTERFACE)
target_compile_options(sh_options INTERFACE
  -Wall -Wextra -Wconversion -Wswitch -Wthread-safety -Wshadow -Wnon-virtual-dtor -Werror
  -Wno-missing-designated-field-initializers
  -fno-omit-frame-pointer -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
target_compile_definitions(sh_options INTERFACE
  BOOST_ASIO_NO_DEPRECATED SPDLOG_COMPILED_LIB SPDLOG_FMT_EXTERNAL
  SH_VERSION="${PROJECT_VERSION}")
target_link_options(sh_options INTERFACE -fuse-ld=lld-19)
target_link_libraries(sh_options INTERFACE Threads::Threads)
if(SH_GROUP_SOURCES)  # a name of one file may be a local one of another
  target_compile_options(sh_options INTERFACE -Wno-shadow)
  target_include_directories(sh_options INTERFACE ${PROJECT_SOURCE_DIR})
endif()
# Which ways the code took leads a fuzz target to new inputs; the preset fuzz tells it more.
set(SH_FUZZED_OPTIONS -fsanitize-coverage=inline-8bit-counters,pc-table)
if(SH_SANITIZE)
  target_compile_options(sh_options INTERFACE -fsanitize=${SH_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(sh_options INTERFACE -fsanitize=${SH_SANITIZE})
  find_program(SH_SYMBOLIZER llvm-symbolizer-19)
  set(SH_SANITIZER_ENVIRONMENT ASAN_SYMBOLIZER_PATH=${SH_SYMBOLIZER}
    UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=external_symbolizer_path=${SH_SYMBOLIZER})
endif()

# Precompiled headers of the heavy third-party headers, shared by every target. Their bytes must not
# depend on where the clone lies, or a fresh clone would find nothing in the compiler cache: hence a
# system header as main file (a PCH records its path), no time stamps, and plain -include-pch, which
# ccache understands, instead of CMake's own target_precompile_headers.
string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
separate_arguments(SH_BUILD_TYPE_FLAGS UNIX_COMMAND
  "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}}")

# sh_pch(name FILES file... [OPTIONS flag...]): what the files of cmake/ include, as ${name}.pch.
function(sh_pch name)
  cmake_parse_arguments(ARG "" "" "FILES;OPTIONS" ${ARGN})
  set(output ${PROJECT_BINARY_DIR}/${name}.pch)
  foreach(file IN LISTS ARG_FILES)
    file(STRINGS ${PROJECT_SOURCE_DIR}/cmake/${file} lines REGEX "^#include <")
    list(TRANSFORM lines REPLACE "^#include <(.*)>$" "-include;\\1")
    list(APPEND headers ${lines})
    list(APPEND files ${PROJECT_SOURCE_DIR}/cmake/${file})
  endforeach()
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_CXX_COMPILER} ${SH_BUILD_TYPE_FLAGS} ${CMAKE_CXX23_STANDARD_COMPILE_OPTION}
      "$<TARGET_PROPERTY:sh_options,INTERFACE_COMPILE_OPTIONS>"
      "-D$<JOIN:$<TARGET_PROPERTY:sh_options,INTERFACE_COMPILE_DEFINITIONS>,;-D>" ${ARG_OPTIONS}
      -fpch-instantiate-templates -Xclang -fno-pch-timestamp -x c++-header ${headers}
      -MD -MT ${output} -MF ${output}.d ${Boost_INCLUDE_DIRS}/boost/version.hpp -o ${output}
    DEPENDS ${files}
    DEPFILE ${output}.d
    COMMENT "Precompiling ${name}.pch"
    COMMAND_EXPAND_LISTS VERBATIM)
  add_custom_target(${name} DEPENDS ${output})
endfunction()
# Test code itself is never optimized, which halves the time to compile it and more.
set(SH_TEST_OPTIONS -O0)
# Nor is, under a sanitizer, what the simulator runs little of; it is most of the code.
if(SH_SANITIZE)
  set(SH_PLAIN_FOLDERS net objectstore metadata kafka rpc ops cli)
  sh_pch(sh_plain_pch FILES pch.h OPTIONS -O0)
endif()
sh_pch(sh_pch FILES pch.h)
sh_pch(sh_test_pch FILES pch.h test_pch.h OPTIONS ${SH_TEST_OPTIONS} -DGTEST_HAS_PTHREAD=1)

# sh_precompile(target [name]): the target's sources start from that precompiled header.
function(sh_precompile target)
  set(names sh_pch ${ARGN})
  list(POP_BACK names name)
  add_dependencies(${target} ${name})
  target_compile_options(${target} PRIVATE
    "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include-pch ${PROJECT_BINARY_DIR}/${name}.pch>")
endfunction()
