#include "tests/e2e/client/producer.h"

#include <chrono>
#include <utility>

#include "tests/e2e/client/numbered_value.h"

namespace streamhouse::e2e {

std::vector<Attempt> Producer::next_batch(std::size_t records_max,
                                          v1::ProduceBatchRequest& request) {
  const TestTopic& topic = load_.topics[random_.below(load_.topics.size())];
  const auto partition =
      static_cast<int>(random_.below(static_cast<std::uint64_t>(topic.partitions)));
  request.set_topic(topic.name);
  request.set_partition(partition);
  std::vector<Attempt> batch(1 + random_.below(records_max));
  for (Attempt& attempt : batch) {
    attempt = {.number = next_number_++, .topic = topic.name, .partition = partition};
    const std::size_t bytes = random_.below(1 + random_.below(load_.shape.value_bytes_max));
    request.add_records()->set_value(numbered_value(attempt.number, bytes));
  }
  return batch;
}

void Producer::note_acknowledged(std::vector<Attempt> batch, std::int64_t base_offset) {
  load_.acknowledged += batch.size();
  for (Attempt& attempt : batch) {
    attempt.fate = base_offset < 0 ? Fate::kBuffered : Fate::kAcknowledged;
    if (base_offset >= 0) attempt.offset = base_offset++;
    attempts_.push_back(std::move(attempt));
  }
}

bool Producer::note_error(std::vector<Attempt> batch, const std::string& code) {
  const bool refused = !code.empty() && code != "unknown_outcome";
  for (Attempt& attempt : batch) {
    if (refused) attempt.fate = Fate::kRefused;
    attempts_.push_back(std::move(attempt));
  }
  if (refused) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return !code.empty();
}

namespace {

class BatchProducer final : public Producer {
 public:
  using Producer::Producer;
  void run(Client& client) override {
    bool going = true;
    while (going && !stopping()) {
      v1::ProduceBatchRequest request;
      std::vector<Attempt> batch = next_batch(load_.shape.records_max, request);
      v1::ProduceBatchResponse response;
      const Outcome outcome = client.produce_batch(request, response);
      if (outcome.ok()) {
        note_acknowledged(std::move(batch), response.base_offset());
      } else {
        going = note_error(std::move(batch), outcome.error);
      }
    }
  }
};

/// Lets the agent choose the partition of half the records.
class UnaryProducer final : public Producer {
 public:
  using Producer::Producer;
  void run(Client& client) override {
    bool going = true;
    while (going && !stopping()) {
      v1::ProduceBatchRequest one;
      std::vector<Attempt> batch = next_batch(1, one);
      v1::ProduceRequest request;
      request.set_topic(one.topic());
      if (random_.chance(0.5)) {
        batch[0].partition = -1;
      } else {
        request.set_partition(one.partition());
      }
      *request.mutable_record() = one.records(0);
      v1::ProduceResponse response;
      const Outcome outcome = client.produce(request, response);
      if (outcome.ok()) {
        batch[0].partition = response.partition();
        note_acknowledged(std::move(batch), response.offset());
      } else {
        going = note_error(std::move(batch), outcome.error);
      }
    }
  }
};

}  // namespace

std::unique_ptr<Producer> unary_producer(LoadState& load, std::uint64_t id, std::uint64_t seed) {
  return std::make_unique<UnaryProducer>(load, id, seed);
}
std::unique_ptr<Producer> batch_producer(LoadState& load, std::uint64_t id, std::uint64_t seed) {
  return std::make_unique<BatchProducer>(load, id, seed);
}

}  // namespace streamhouse::e2e
