#pragma once
/// \file  GroupService: consumer groups and committed offsets by topic name.

#include "cluster/catalog/leader_directory.h"
#include "cluster/catalog/topic_catalog.h"
#include "service/session_scope.h"

namespace streamhouse::service {

struct TopicOffset {
  std::string topic;
  model::PartitionIndex partition;
  model::Offset offset{-1};  ///< -1 = none.
  std::string metadata;
  std::int64_t committed_ms = 0;
};

struct GroupDescription {
  metadata::Group group = {};  ///< State and generation of now, if it is coordinated here.
  groups::MembershipRecord membership = {};
  std::vector<TopicOffset> offsets = {};  ///< By topic number and partition.
};

/// Threading: the core's executor.
class GroupService {
 public:
  struct Ports {
    metadata::MetadataStore& metadata;
    cluster::TopicCatalog& topics;
    CurrentScope& scope;
    cluster::LeaderDirectory* leaders = nullptr;
  };
  explicit GroupService(Ports ports) : ports_(ports) {}

  static constexpr std::size_t kMetadataBytesMax = 4096;

  /// All or none; creates the group. Returns when durable. Errors: kTopicNotFound,
  /// kPartitionNotFound, kInvalid (a negative offset, an empty or overlong id), kTooLarge
  /// (metadata), kNotLeader, kConflict (also of a group with members), kUnknownOutcome.
  runtime::Task<base::Status> commit(std::string group_id, std::vector<TopicOffset> offsets);
  /// One answer per question, in order; offset -1 where there is none, also of an unknown group or
  /// topic.
  runtime::Task<base::Result<std::vector<TopicOffset>>> committed(
      std::string group_id, std::vector<TopicOffset> questions);
  runtime::Task<base::Result<metadata::Group>> ensure(std::string group_id);
  /// Errors: kGroupNotFound; kConflict, of a group with members.
  runtime::Task<base::Status> remove(std::string group_id);
  /// Errors: kGroupNotFound.
  runtime::Task<base::Result<GroupDescription>> describe(std::string group_id);
  /// By id, greater than `after`.
  runtime::Task<base::Result<std::vector<metadata::Group>>> list(std::string after,
                                                                 std::size_t limit);

 private:
  runtime::Task<base::Result<std::optional<model::TopicNo>>> number_of(std::string topic);
  /// The error with the address of the group's coordinator, if that is another agent.
  runtime::Task<base::Error> name_coordinator(std::shared_ptr<SessionScope> scope,
                                              std::string group_id, base::Error error);

  Ports ports_;
};

}  // namespace streamhouse::service
