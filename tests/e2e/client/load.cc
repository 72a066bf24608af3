#include "tests/e2e/client/load.h"

#include <chrono>

#include "tests/e2e/client/producer.h"

namespace streamhouse::e2e {

Load::Load(const std::vector<TestTopic>& topics, LoadShape shape, std::uint64_t seed)
    : state_(std::make_unique<LoadState>()) {
  state_->topics = topics;
  state_->shape = shape;
  runtime::Random seeds(seed);
  const auto add = [&](int count, auto make) {
    for (int i = 0; i < count; ++i)
      producers_.push_back(make(*state_, producers_.size() + 1, seeds.next()));
  };
  add(shape.unary, unary_producer);
  add(shape.batches, batch_producer);
  add(shape.streams, stream_producer);
}

Load::~Load() { state_->stopping = true; }

void Load::begin(const std::string& address) {
  state_->stopping = false;
  for (const auto& producer : producers_) {
    threads_.emplace_back([&producer, address] {
      Client client(address);
      producer->run(client);
    });
  }
}

std::vector<Attempt> Load::end() {
  state_->stopping = true;
  threads_.clear();
  std::vector<Attempt> all;
  for (const auto& producer : producers_) {
    const std::vector<Attempt> attempts = producer->take_attempts();
    all.insert(all.end(), attempts.begin(), attempts.end());
  }
  return all;
}

std::uint64_t Load::acknowledged() const { return state_->acknowledged; }

bool Load::goes_on() const {
  const std::uint64_t before = acknowledged();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (acknowledged() == before && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return acknowledged() > before;
}

}  // namespace streamhouse::e2e
