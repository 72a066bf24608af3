#pragma once
/// \file  Subscriptions: the topics that the members of a group of consumers want to read.

#include <set>
#include <string>

#include "groups/membership/membership.h"

namespace streamhouse::kafka {

/// The protocol type of groups whose members say in a known form what they want; of any other
/// group that is known to its members only.
constexpr const char* kConsumerProtocol = "consumer";

/// From what the members said when they joined, under any of the ways to assign that they know.
class Subscriptions {
 public:
  explicit Subscriptions(const groups::MembershipRecord& membership);

  /// What cannot be read counts as a subscription to everything.
  bool contain(const std::string& topic) const { return unknown_ || topics_.contains(topic); }

 private:
  bool unknown_ = false;
  std::set<std::string> topics_;
};

}  // namespace streamhouse::kafka
