#pragma once
/// \file  A membership machine for tests, its clock and what it has answered.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <ranges>

#include "groups/membership/membership_machine.h"

namespace streamhouse::groups::test {

using namespace std::chrono_literals;
using enum MembershipError;
using runtime::Duration;
using runtime::MonoTime;

inline base::Bytes bytes(std::string text) { return base::Bytes(std::move(text)); }
inline std::string text(const base::Bytes& bytes) { return base::to_string(bytes); }

struct MembershipWorld {
  explicit MembershipWorld(MembershipLimits limits = {.initial_rebalance_delay = 0s})
      : machine(limits) {}

  static JoinRequest request(std::string member_id, std::string metadata = "m") {
    return {.member_id = std::move(member_id),
            .protocol_type = "consumer",
            .protocols = {{"range", bytes(std::move(metadata))}},
            .session_timeout = 10s,
            .rebalance_timeout = 60s,
            .new_member = JoinRequest::NewMember::kJoinsAtOnce};
  }
  CallId join(JoinRequest request, std::string fresh_id = "") {
    machine.join(now, ++calls, std::move(request), std::move(fresh_id));
    collect();
    return calls;
  }
  CallId join_as(const std::string& fresh_id) { return join(request(""), fresh_id); }
  CallId sync(std::string member_id, std::vector<Assignment> assignments = {}) {
    machine.sync(now, ++calls,
                 {.member = claim(std::move(member_id)), .assignments = std::move(assignments)});
    collect();
    return calls;
  }
  MemberClaim claim(std::string member_id) const {
    return {.member_id = std::move(member_id), .generation = machine.generation()};
  }
  MembershipError heartbeat(std::string member_id) {
    const auto error = machine.heartbeat(now, claim(std::move(member_id)));
    collect();
    return error;
  }
  MembershipError leave(std::string member_id) {
    const auto error = machine.leave(now, claim(std::move(member_id)));
    collect();
    return error;
  }
  /// Writes what is to be written, and says so.
  void save() {
    if (const auto record = machine.take_save()) machine.saved(now, record->generation);
    collect();
  }
  void pass(Duration time) {
    for (const MonoTime end = now + time; now < end;) {
      const auto due = machine.next_due();
      now = due && *due < end ? std::max(*due, now + 1ns) : end;
      machine.tick(now);
      collect();
    }
  }
  void collect() {
    for (MembershipAnswer& answer : machine.take_answers()) {
      const bool first = answers.emplace(answer.call, std::move(answer.content)).second;
      EXPECT_TRUE(first) << "call " << answer.call << " answered twice";
    }
  }
  bool answered(CallId call) const { return answers.contains(call); }
  JoinAnswer joined(CallId call) {
    EXPECT_TRUE(answered(call));
    return std::get<JoinAnswer>(answers[call]);
  }
  SyncAnswer synced(CallId call) {
    EXPECT_TRUE(answered(call));
    return std::get<SyncAnswer>(answers[call]);
  }
  /// A stable group of these members; the first leads.
  void make_stable(const std::vector<std::string>& ids) {
    for (const auto& id : ids) join_as(id);
    for (const auto& id : ids)
      if (machine.phase() != GroupPhase::kPreparingRebalance)
        break;
      else if (id != ids.back())
        join(request(id));
    std::vector<Assignment> assignments;
    for (const auto& id : ids) assignments.push_back({id, bytes("for " + id)});
    for (const auto& id : ids | std::views::drop(1)) sync(id);
    sync(ids.front(), assignments);
    save();
    ASSERT_EQ(machine.phase(), GroupPhase::kStable);
  }

  MembershipMachine machine;
  MonoTime now{1h};
  CallId calls = 0;
  std::map<CallId, std::variant<JoinAnswer, SyncAnswer>> answers = {};
};

}  // namespace streamhouse::groups::test
