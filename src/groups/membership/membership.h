#pragma once
/// \file  What members of a consumer group say to its coordinator and hear from it, in the terms of
/// Kafka's classic group protocol.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "runtime/time.h"

namespace streamhouse::groups {

/// Why a member's request is refused. Each has one error code in Kafka's protocol.
enum class MembershipError : std::uint8_t {
  kNone,
  kUnknownMember,
  kMemberIdRequired,  ///< Join again with the id that is in the answer.
  kIllegalGeneration,
  kRebalanceInProgress,
  kFencedInstance,  ///< Another member has the instance id by now.
  kInconsistentProtocol,
  kInvalidSessionTimeout,
  kGroupFull,
  kNotCoordinator,
  kCannotBeWritten,  ///< The store refuses what the group would be then, and always will.
};

/// A way to assign partitions that a member knows; opaque.
struct Protocol {
  std::string name;
  base::Bytes metadata;
  friend bool operator==(const Protocol&, const Protocol&) = default;
};

struct JoinRequest {
  enum class NewMember : std::uint8_t { kJoinsAtOnce, kIsGivenAnIdFirst };

  std::string member_id = {};                   ///< Empty: a new member.
  std::optional<std::string> instance_id = {};  ///< A static member's.
  std::string client_id = {};
  std::string client_host = {};
  std::string protocol_type = {};
  std::vector<Protocol> protocols = {};  ///< Preferred first.
  runtime::Duration session_timeout = {};
  runtime::Duration rebalance_timeout = {};
  NewMember new_member = NewMember::kIsGivenAnIdFirst;
  bool can_skip_assignment = false;  ///< Understands JoinAnswer::skip_assignment.
};

struct JoinedMember {
  std::string member_id;
  std::optional<std::string> instance_id;
  base::Bytes metadata;  ///< Of the chosen protocol.
};

struct JoinAnswer {
  MembershipError error = MembershipError::kNone;
  std::int32_t generation = -1;
  std::string protocol_type = {};
  std::string protocol_name = {};
  std::string leader_id = {};
  std::string member_id = {};
  std::vector<JoinedMember> members = {};  ///< For the leader only.
  bool skip_assignment = false;            ///< The leader need not assign: nothing has changed.
};

struct Assignment {
  std::string member_id;
  base::Bytes content;
};

/// Who a member says it is.
struct MemberClaim {
  std::string member_id = {};
  std::optional<std::string> instance_id = {};
  std::int32_t generation = -1;
};

struct SyncRequest {
  MemberClaim member = {};
  std::optional<std::string> protocol_type = {};  ///< Checked if given.
  std::optional<std::string> protocol_name = {};
  std::vector<Assignment> assignments = {};  ///< The leader's, of all members.
};

struct SyncAnswer {
  MembershipError error = MembershipError::kNone;
  std::string protocol_type = {};
  std::string protocol_name = {};
  base::Bytes assignment = {};
};

/// Names a call that is answered later; the caller chooses it.
using CallId = std::uint64_t;

struct MembershipAnswer {
  CallId call;
  std::variant<JoinAnswer, SyncAnswer> content;
};

/// A member as it is written down, and shown to those who ask.
struct MemberRecord {
  std::string member_id = {};
  std::optional<std::string> instance_id = {};
  std::string client_id = {};
  std::string client_host = {};
  runtime::Duration session_timeout = {};
  runtime::Duration rebalance_timeout = {};
  std::vector<Protocol> protocols = {};
  base::Bytes assignment = {};
  friend bool operator==(const MemberRecord&, const MemberRecord&) = default;
};

/// What a coordinator writes down of a group, so that the next one goes on without a rebalance.
struct MembershipRecord {
  std::int32_t generation = 0;
  std::string protocol_type = {};
  std::string protocol_name = {};
  std::string leader_id = {};
  std::vector<MemberRecord> members = {};  ///< In the order in which they joined.
  friend bool operator==(const MembershipRecord&, const MembershipRecord&) = default;
};

}  // namespace streamhouse::groups
