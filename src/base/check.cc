#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace streamhouse::base {

void check_failed(const char* expression, const char* message, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: check failed: %s (%s)\n", file, line, message, expression);
  std::fflush(stderr);
  std::abort();
}

}  // namespace streamhouse::base
