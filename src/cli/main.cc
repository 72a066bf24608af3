#include <cstdlib>

#include "cli/consume/interrupt.h"
#include "cli/streamctl.h"

int main(int count, char** words) {
  namespace cli = streamhouse::cli;
  cli::install_signal_handlers();
  const auto* const server = std::getenv("STREAMHOUSE_SERVER");
  const auto exit = cli::run_streamctl({words + 1, words + count}, server ? server : "");
  return static_cast<int>(exit);
}
