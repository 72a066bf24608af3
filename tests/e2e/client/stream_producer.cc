#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "base/check.h"
#include "tests/e2e/client/producer.h"

namespace streamhouse::e2e {
namespace {

/// Writes on one thread and reads the answers on another.
class StreamProducer final : public Producer {
 public:
  using Producer::Producer;

  void run(Client& client) override {
    grpc::ClientContext context;
    const auto stream = client.records().ProduceStream(&context);
    ended_ = false;
    {
      const std::jthread reader([&] { read(*stream); });
      write(*stream);
      stream->WritesDone();
    }
    stream->Finish();
    for (auto& [sequence, batch] : waiting_) note_error(std::move(batch), "");
    waiting_.clear();
  }

 private:
  using Stream = grpc::ClientReaderWriter<v1::ProduceStreamRequest, v1::ProduceStreamResponse>;

  void write(Stream& stream) {
    while (!stopping()) {
      v1::ProduceStreamRequest request;
      request.set_sequence(++sequence_);
      std::vector<Attempt> batch = next_batch(load_.shape.records_max, *request.mutable_batch());
      std::unique_lock lock(mutex_);
      room_.wait(lock, [&] { return ended_ || waiting_.size() < load_.shape.window; });
      if (ended_) return;
      waiting_.emplace_back(sequence_, std::move(batch));
      lock.unlock();
      if (!stream.Write(request)) return;
    }
  }

  void read(Stream& stream) {
    for (v1::ProduceStreamResponse answer; stream.Read(&answer);) {
      const std::lock_guard lock(mutex_);
      SH_CHECK(!waiting_.empty() && waiting_.front().first == answer.sequence(),
               "answers come in the order sent");
      std::vector<Attempt> batch = std::move(waiting_.front().second);
      waiting_.pop_front();
      if (answer.has_error()) {
        note_error(std::move(batch), answer.error().code());
      } else {
        note_acknowledged(std::move(batch), answer.base_offset());
      }
      room_.notify_all();
    }
    const std::lock_guard lock(mutex_);
    ended_ = true;
    room_.notify_all();
  }

  std::int64_t sequence_ = 0;
  std::mutex mutex_;
  std::condition_variable room_;
  std::deque<std::pair<std::int64_t, std::vector<Attempt>>> waiting_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Producer> stream_producer(LoadState& load, std::uint64_t id, std::uint64_t seed) {
  return std::make_unique<StreamProducer>(load, id, seed);
}

}  // namespace streamhouse::e2e
