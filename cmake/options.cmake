# Flags that every target of the project shares.
add_library(sh_options INTERFACE)
target_compile_options(sh_options INTERFACE
  -Wall -Wextra -Wconversion -Wswitch -Wthread-safety -Wshadow -Wnon-virtual-dtor -Werror
  -fno-omit-frame-pointer -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
target_compile_definitions(sh_options INTERFACE
  BOOST_ASIO_NO_DEPRECATED SPDLOG_COMPILED_LIB SPDLOG_FMT_EXTERNAL
  SH_VERSION="${PROJECT_VERSION}")
target_link_options(sh_options INTERFACE -fuse-ld=lld-19)
target_link_libraries(sh_options INTERFACE Threads::Threads)
if(SH_SANITIZE)
  target_compile_options(sh_options INTERFACE -fsanitize=${SH_SANITIZE} -fno-sanitize-recover=all -O1 -g1)
  target_link_options(sh_options INTERFACE -fsanitize=${SH_SANITIZE})
endif()

# One precompiled header of the heavy third-party headers, shared by every target.
add_library(sh_pch OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch.cc)
target_link_libraries(sh_pch PUBLIC sh_options)
target_precompile_headers(sh_pch PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch.h)
function(sh_precompile target)
  target_precompile_headers(${target} REUSE_FROM sh_pch)
endfunction()
