#include "runtime/process/stop_signals.h"

#include <signal.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <utility>

namespace streamhouse::runtime {

class StopSignals::Wait {
 public:
  Wait(boost::asio::io_context& io, std::move_only_function<void()> stop)
      : signals_(io, SIGTERM, SIGINT) {
    signals_.async_wait(
        [this, stop = std::move(stop)](const boost::system::error_code& ended, int) mutable {
          if (ended) return;
          signals_.clear();
          for (const int number : {SIGTERM, SIGINT}) ::signal(number, [](int) { _exit(1); });
          stop();
        });
  }

 private:
  boost::asio::signal_set signals_;
};

StopSignals::StopSignals(AsioRuntime& runtime, std::move_only_function<void()> stop)
    : wait_(std::make_unique<Wait>(runtime.io_context(), std::move(stop))) {}

StopSignals::~StopSignals() = default;

}  // namespace streamhouse::runtime
