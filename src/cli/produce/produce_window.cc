#include "cli/produce/produce_window.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"

namespace streamhouse::cli {

using base::Errc;
using base::Error;

ProduceWindow::ProduceWindow(std::string server, std::string topic, Limits limits)
    : server_(std::move(server)), limits_(limits) {
  summary_.topic = std::move(topic);
}

void ProduceWindow::submit(Batch batch) {
  SH_CHECK(!full(), "a batch is submitted only while there is room");
  bytes_ += batch.bytes;
  entries_.push_back({next_sequence_++, std::move(batch), {}});
}

const std::string& ProduceWindow::route(const Entry& entry) const {
  const auto found = leaders_.find(entry.batch.request.partition());
  return found == leaders_.end() ? server_ : found->second;
}

bool ProduceWindow::awaits(std::int64_t sequence, const std::string& address) const {
  const auto found = std::ranges::find(entries_, sequence, &Entry::sequence);
  return found != entries_.end() && found->sent_to == address;
}

ProduceWindow::Entry& ProduceWindow::entry_of(std::int64_t sequence) {
  const auto found = std::ranges::find(entries_, sequence, &Entry::sequence);
  SH_CHECK(found != entries_.end() && !found->sent_to.empty(), "only a batch sent is answered");
  return *found;
}

void ProduceWindow::erase(std::int64_t sequence) {
  const auto found = std::ranges::find(entries_, sequence, &Entry::sequence);
  bytes_ -= found->batch.bytes;
  entries_.erase(found);
}

std::optional<ProduceWindow::Send> ProduceWindow::next(const std::set<std::string>& busy,
                                                       TimePoint now) {
  begin_round_if_settled(now);
  if (failure_ || settling_ || (resume_at_ && now < *resume_at_)) return std::nullopt;
  resume_at_.reset();
  for (auto& entry : entries_) {
    if (!entry.sent_to.empty() || busy.contains(route(entry))) continue;
    entry.sent_to = route(entry);
    ++in_flight_;
    return Send{entry.sequence, entry.sent_to, &entry.batch.request};
  }
  return std::nullopt;
}

void ProduceWindow::acknowledged(std::int64_t sequence, std::int64_t base_offset) {
  const auto& request = entry_of(sequence).batch.request;
  summary_.add(request.partition(), base_offset, request.records_size());
  searching_since_.reset();
  --in_flight_;
  erase(sequence);
}

void ProduceWindow::refused(std::int64_t sequence, Error error, TimePoint now) {
  auto& entry = entry_of(sequence);
  --in_flight_;
  if (!searching_since_) searching_since_ = now;
  const bool search = error.code == Errc::kNotLeader && now - *searching_since_ < limits_.patience;
  if (!search) {
    if (error.code == Errc::kUnknownOutcome) unknown_records_ += entry.batch.request.records_size();
    fail(entry, std::move(error));
    return erase(sequence);
  }
  const auto partition = entry.batch.request.partition();
  if (error.leader.empty() || error.leader == entry.sent_to) {
    leader_unknown_ = true;
    leaders_.erase(partition);
  } else {
    leaders_[partition] = error.leader;
  }
  entry.sent_to.clear();
  settling_ = true;
}

void ProduceWindow::begin_round_if_settled(TimePoint now) {
  if (!settling_ || in_flight_ > 0) return;
  settling_ = false;
  ++round_;
  if (leader_unknown_) resume_at_ = now + limits_.leader_pause;
  leader_unknown_ = false;
}

void ProduceWindow::lost(const std::string& address, const Error& error) {
  std::erase_if(entries_, [&](const Entry& entry) {
    if (entry.sent_to != address) return false;
    fail(entry, {Errc::kUnknownOutcome, error.text});
    unknown_records_ += entry.batch.request.records_size();
    bytes_ -= entry.batch.bytes;
    --in_flight_;
    return true;
  });
}

void ProduceWindow::fail(const Entry& entry, Error error) {
  if (failure_) return;  // what comes after the first one follows from it
  const auto& request = entry.batch.request;
  error.text = fmt::format("{}/{}, from line {} on: {}", request.topic(), request.partition(),
                           entry.batch.first_line, error.text);
  failure_ = std::move(error);
}

std::optional<Error> ProduceWindow::failure() const {
  if (!failure_) return std::nullopt;
  auto error = *failure_;
  error.text += fmt::format("; {} records are appended", summary_.record_count);
  if (unknown_records_ > 0) {
    error.text += fmt::format(", {} may or may not be", unknown_records_);
  }
  return error;
}

}  // namespace streamhouse::cli
