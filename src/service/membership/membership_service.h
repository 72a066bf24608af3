#pragma once
/// \file  MembershipService: consumer groups as their members see them. The groups are those of
/// GroupService; here partitions go by key, because each of a request is answered for itself.

#include "service/session_scope.h"

namespace streamhouse::service {

/// Every call is that of groups::GroupCoordinator of the same name, at the present session's.
/// Errors besides: kNotLeader between sessions; kInvalid, an empty or overlong group id.
/// Threading: the core's executor.
class MembershipService {
 public:
  explicit MembershipService(CurrentScope& scope) : scope_(scope) {}

  runtime::Task<base::Result<groups::JoinAnswer>> join(groups::ClientId client,
                                                       std::string group_id,
                                                       groups::JoinRequest request);
  runtime::Task<base::Result<groups::SyncAnswer>> sync(groups::ClientId client,
                                                       std::string group_id,
                                                       groups::SyncRequest request);
  runtime::Task<base::Result<groups::MembershipError>> heartbeat(std::string group_id,
                                                                 groups::MemberClaim member);
  runtime::Task<base::Result<std::vector<groups::MembershipError>>> leave(
      std::string group_id, std::vector<groups::MemberClaim> members);
  void end_calls(groups::ClientId client);

  /// That of commit_in_time().
  runtime::Task<base::Result<groups::MembershipError>> commit(groups::CommitRequest request);
  runtime::Task<base::Result<std::vector<metadata::CommittedOffset>>> fetch(
      std::string group_id, std::vector<model::TopicPartition> keys);
  runtime::Task<base::Status> delete_offsets(
      std::string group_id, std::vector<model::TopicPartition> keys,
      groups::GroupCoordinator::GroupWithMembers with_members);
  runtime::Task<base::Status> remove(std::string group_id);
  runtime::Task<base::Result<groups::DescribedGroup>> describe(std::string group_id);
  runtime::Task<base::Result<std::vector<metadata::Group>>> list();

 private:
  CurrentScope& scope_;
};

}  // namespace streamhouse::service
