#include "tests/e2e/client/command.h"

#include <sys/wait.h>

#include <cstdio>

#include "base/check.h"

namespace streamhouse::e2e {

Finished run_command(const std::string& line) {
  FILE* const pipe = ::popen((line + " 2>&1").c_str(), "re");
  SH_CHECK(pipe != nullptr, "a shell");
  Finished finished;
  char part[4096];
  for (std::size_t n = 0; (n = std::fread(part, 1, sizeof(part), pipe)) > 0;)
    finished.output.append(part, n);
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) finished.code = WEXITSTATUS(status);
  return finished;
}

}  // namespace streamhouse::e2e
