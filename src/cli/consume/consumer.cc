#include "cli/consume/consumer.h"

#include <algorithm>

#include "cli/output/json.h"
#include "cli/output/record_text.h"

namespace streamhouse::cli {

using base::Errc;
using base::Status;

namespace {
constexpr auto kTick = std::chrono::milliseconds(100);
constexpr auto kCommitInterval = std::chrono::seconds(1);
}  // namespace

Status Consumer::run(const std::vector<std::int32_t>& partitions) {
  if (command_.follow == Follow::kYes) interrupt_.emplace();
  next_tick_ = Clock::now() + kTick;
  next_commit_ = Clock::now() + kCommitInterval;
  std::vector<Reading*> all;
  for (const auto partition : partitions) {
    auto& reading = readings_.try_emplace(partition, partition).first->second;
    reading.address = client_.server();
    all.push_back(&reading);
  }
  const bool catch_up = command_.follow == Follow::kNo || all.size() > 1;
  for (auto* const reading : all) {
    if (catch_up && !done()) SH_TRY_OK(read({reading}, Follow::kNo));
  }
  if (command_.follow == Follow::kYes && !done()) SH_TRY_OK(read(all, Follow::kYes));
  SH_TRY_OK(output_.flush());
  return commit();
}

Status Consumer::read(std::vector<Reading*> readings, Follow follow) {
  Streams streams;
  for (auto* const reading : readings) {
    reading->ended = false;
    SH_TRY_OK(open(streams, *reading, follow));
  }
  const auto open_ones = [&] { return std::ranges::count(readings, false, &Reading::ended); };
  while (!done() && open_ones() > 0) {
    const auto event = streams.next(next_tick_);
    if (event) SH_TRY_OK(handle(streams, *event, follow));
    if (Clock::now() >= next_tick_) SH_TRY_OK(tick(streams, readings, follow));
  }
  return {};
}

Status Consumer::open(Streams& streams, Reading& reading, Follow follow) {
  const auto now = Clock::now();
  reading.reopen_at.reset();
  auto peer = client_.peer(reading.address, now + client_.timeout());
  if (!peer) {
    if (reading.address == client_.server()) return peer.error();
    const base::Error gone{Errc::kNotLeader, peer.error().text};
    return look_for_leader(streams, reading, {gone, Answered::kNo}, follow);
  }
  reading.answer_by = now + client_.timeout();
  const auto request = reading.cursor.request(command_, follow, records_left());
  streams.open(reading.cursor.partition(), reading.address,
               [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
                 return (*peer)->records->PrepareAsyncConsume(context, request, queue);
               });
  return {};
}

Status Consumer::handle(Streams& streams, const Streams::Event& event, Follow follow) {
  auto& reading = readings_.at(event.id);
  if (event.message != nullptr) return handle_message(reading, *event.message, follow);
  if (event.failure) return look_for_leader(streams, reading, *event.failure, follow);
  if (follow == Follow::kNo && !done()) reading.cursor.reached(reading.high_watermark);
  reading.ended = true;
  return {};
}

Status Consumer::handle_message(Reading& reading, const v1::ConsumeResponse& message,
                                Follow follow) {
  reading.searching_since.reset();
  reading.high_watermark = message.high_watermark();
  reading.answer_by.reset();
  if (follow == Follow::kNo) reading.answer_by = Clock::now() + client_.timeout();
  for (const auto& record : message.records()) {
    if (done()) break;
    SH_TRY_OK(print(reading.cursor.partition(), record));
    reading.cursor.printed(record.offset());
  }
  return output_.flush();
}

/// not_leader is a definite refusal: the stream is opened again where it stopped, with the leader.
Status Consumer::look_for_leader(Streams& streams, Reading& reading, Failure failure,
                                 Follow follow) {
  const auto error = client_.note(std::move(failure));
  if (error.code != Errc::kNotLeader) return error;
  const auto now = Clock::now();
  if (!reading.searching_since) reading.searching_since = now;
  if (now - *reading.searching_since >= client_.timeout()) return error;
  reading.answer_by.reset();
  if (!error.leader.empty() && error.leader != reading.address) {
    reading.address = error.leader;
    return open(streams, reading, follow);
  }
  reading.address = client_.server();
  reading.reopen_at = now + kTick;
  return {};
}

Status Consumer::tick(Streams& streams, const std::vector<Reading*>& readings, Follow follow) {
  const auto now = Clock::now();
  next_tick_ = now + kTick;
  output_.check_closed();
  for (auto* const reading : readings) {
    if (reading->ended) continue;
    if (reading->reopen_at && *reading->reopen_at <= now) {
      SH_TRY_OK(open(streams, *reading, follow));
    }
    if (reading->answer_by && *reading->answer_by <= now) {
      return client_.note(no_answer_from(reading->address));
    }
  }
  if (now < next_commit_) return {};
  next_commit_ = now + kCommitInterval;
  return commit();
}

Status Consumer::print(std::int32_t partition, const v1::ConsumedRecord& record) {
  ++printed_;
  return output_.write(output_.format() == OutputFormat::kJson
                           ? record_json(command_.topic, partition, record) + "\n"
                           : record_text(record, command_.key_separator));
}

/// Requires: what has been printed is flushed.
Status Consumer::commit() {
  if (command_.group.empty() || output_.closed()) return {};
  v1::CommitOffsetsRequest request;
  request.set_group(command_.group);
  for (auto& [partition, reading] : readings_) {
    const auto offset = reading.cursor.take_commit();
    if (!offset) continue;
    auto& commit = *request.add_offsets();
    commit.set_topic(command_.topic);
    commit.set_partition(partition);
    commit.set_offset(*offset);
  }
  if (request.offsets().empty()) return {};
  SH_TRY_OK(client_.call(&Records::CommitOffsets, request));
  return {};
}

/// 0 = no limit.
std::int64_t Consumer::records_left() const {
  return command_.max_records == 0 ? 0 : command_.max_records - printed_;
}

bool Consumer::done() const {
  return output_.closed() || (interrupt_ && interrupt_->raised()) ||
         (command_.max_records > 0 && printed_ >= command_.max_records);
}

}  // namespace streamhouse::cli
