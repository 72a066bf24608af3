#include "cli/consume/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>

#include "cli/commands.h"

namespace streamhouse::cli {

namespace {

std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

void exit_at_once(int) { ::_exit(static_cast<int>(Exit::kInterrupted)); }
void raise_flag(int) { interrupted = true; }

void handle(int signal, void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

void install_signal_handlers() {
  handle(SIGINT, exit_at_once);
  handle(SIGPIPE, SIG_IGN);
}

InterruptFlag::InterruptFlag() {
  interrupted = false;
  handle(SIGINT, raise_flag);
}
InterruptFlag::~InterruptFlag() { handle(SIGINT, exit_at_once); }
bool InterruptFlag::raised() const { return interrupted; }

}  // namespace streamhouse::cli
