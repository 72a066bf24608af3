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
if(SH_SANITIZE)
  target_compile_options(sh_options INTERFACE
    -fsanitize=${SH_SANITIZE} -fno-sanitize-recover=all -O1 -g1)
  target_link_options(sh_options INTERFACE -fsanitize=${SH_SANITIZE})
  find_program(SH_SYMBOLIZER llvm-symbolizer-19)
  set(SH_SANITIZER_ENVIRONMENT ASAN_SYMBOLIZER_PATH=${SH_SYMBOLIZER}
    UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=external_symbolizer_path=${SH_SYMBOLIZER})
endif()

# One precompiled header of the heavy third-party headers (pch.h), shared by every target. Its
# bytes must not depend on where the clone lies, or a fresh clone would find nothing in the compiler
# cache: hence a system header as main file (a PCH records its path), no time stamps, and plain
# -include-pch, which ccache understands, instead of CMake's own target_precompile_headers.
set(SH_PCH ${PROJECT_BINARY_DIR}/sh.pch)
file(STRINGS ${PROJECT_SOURCE_DIR}/cmake/pch.h SH_PCH_HEADERS REGEX "^#include <")
list(TRANSFORM SH_PCH_HEADERS REPLACE "^#include <(.*)>$" "-include;\\1")
string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
separate_arguments(SH_PCH_FLAGS UNIX_COMMAND
  "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}}")
add_custom_command(OUTPUT ${SH_PCH}
  COMMAND ${CMAKE_CXX_COMPILER} ${SH_PCH_FLAGS} ${CMAKE_CXX23_STANDARD_COMPILE_OPTION}
    "$<TARGET_PROPERTY:sh_options,INTERFACE_COMPILE_OPTIONS>"
    "-D$<JOIN:$<TARGET_PROPERTY:sh_options,INTERFACE_COMPILE_DEFINITIONS>,;-D>"
    -fpch-instantiate-templates -Xclang -fno-pch-timestamp -x c++-header ${SH_PCH_HEADERS}
    -MD -MT ${SH_PCH} -MF ${SH_PCH}.d ${Boost_INCLUDE_DIRS}/boost/version.hpp -o ${SH_PCH}
  DEPENDS ${PROJECT_SOURCE_DIR}/cmake/pch.h
  DEPFILE ${SH_PCH}.d
  COMMENT "Precompiling cmake/pch.h"
  COMMAND_EXPAND_LISTS VERBATIM)
add_custom_target(sh_pch DEPENDS ${SH_PCH})
function(sh_precompile target)
  add_dependencies(${target} sh_pch)
  target_compile_options(${target} PRIVATE
    "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include-pch ${SH_PCH}>")
endfunction()
