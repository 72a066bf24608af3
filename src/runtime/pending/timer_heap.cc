#include "runtime/pending/timer_heap.h"

#include <tuple>
#include <utility>

namespace streamhouse::runtime {

bool TimerHeap::earlier(const Node& a, const Node& b) {
  return std::tie(a.at, a.order) < std::tie(b.at, b.order);
}

TimerId TimerHeap::schedule(MonoTime at, Callback callback) {
  const TimerId id = calls_.insert(Call{std::move(callback), heap_.size()});
  heap_.push_back(Node{at, scheduled_++, id});
  sift_up(heap_.size() - 1);
  return id;
}

TimerHeap::Callback TimerHeap::cancel(TimerId timer) {
  auto call = calls_.take(timer);
  if (!call) return {};
  remove(call->position);
  return std::move(call->callback);
}

std::optional<MonoTime> TimerHeap::next_deadline() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().at;
}

TimerHeap::Callback TimerHeap::take_due(MonoTime now) {
  if (heap_.empty() || heap_.front().at > now) return {};
  return cancel(heap_.front().id);
}

TimerHeap::Callback TimerHeap::take_any() {
  return heap_.empty() ? Callback() : cancel(heap_.front().id);
}

void TimerHeap::place(std::size_t position, const Node& node) {
  heap_[position] = node;
  calls_.find(node.id)->position = position;
}

void TimerHeap::sift_up(std::size_t position) {
  const Node node = heap_[position];
  while (position > 0) {
    const std::size_t parent = (position - 1) / 2;
    if (!earlier(node, heap_[parent])) break;
    place(position, heap_[parent]);
    position = parent;
  }
  place(position, node);
}

void TimerHeap::sift_down(std::size_t position) {
  const Node node = heap_[position];
  while (true) {
    std::size_t child = 2 * position + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && earlier(heap_[child + 1], heap_[child])) ++child;
    if (!earlier(heap_[child], node)) break;
    place(position, heap_[child]);
    position = child;
  }
  place(position, node);
}

void TimerHeap::remove(std::size_t position) {
  const Node last = heap_.back();
  heap_.pop_back();
  if (position == heap_.size()) return;
  place(position, last);
  sift_up(position);
  sift_down(calls_.find(last.id)->position);
}

}  // namespace streamhouse::runtime
