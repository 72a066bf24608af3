#include "rpc/admin/page.h"
#include "rpc/admin_api.h"

namespace streamhouse::rpc {
namespace {

using runtime::Task;

void describe(const service::TopicOffset& offset, model::Offset high_watermark,
              v1::GroupOffset& out) {
  out.set_topic(offset.topic);
  out.set_partition_id(offset.partition.value());
  out.set_committed_offset(offset.offset.value());
  out.set_metadata(offset.metadata);
  out.set_high_watermark(high_watermark.value());
  out.set_lag(std::max<std::int64_t>(0, high_watermark - offset.offset));
  out.set_committed_at(offset.committed_ms);
}

void describe(const groups::MemberRecord& member, v1::GroupMember& out) {
  out.set_member_id(member.member_id);
  out.set_client_id(member.client_id);
  out.set_client_host(member.client_host);
}

Task<base::Status> ensure_group(Services services, const v1::EnsureGroupRequest* request) {
  SH_CO_TRY_OK(co_await services.groups.ensure(request->group_id()));
  co_return base::Status{};
}

Task<base::Status> list_groups(Services services, const v1::ListGroupsRequest* request,
                               v1::ListGroupsResponse* response) {
  const std::size_t limit = page_limit(request->page_size());
  SH_CO_TRY(const auto groups, co_await services.groups.list(request->page_token(), limit + 1));
  for (const metadata::Group& group : groups) {
    if (static_cast<std::size_t>(response->groups_size()) == limit) {
      response->set_next_page_token(response->groups().rbegin()->group_id());
      break;
    }
    v1::Group& out = *response->add_groups();
    out.set_group_id(group.group_id);
    out.set_state(group.state);
  }
  co_return base::Status{};
}

Task<base::Status> get_group(Services services, const v1::GetGroupRequest* request,
                             v1::GetGroupResponse* response) {
  SH_CO_TRY(auto description, co_await services.groups.describe(request->group_id()));
  response->set_group_id(description.group.group_id);
  response->set_state(description.group.state);
  response->set_generation(description.group.generation);
  for (const groups::MemberRecord& member : description.membership.members)
    describe(member, *response->add_members());
  std::ranges::sort(description.offsets, {}, [](const service::TopicOffset& offset) {
    return std::pair(std::string_view(offset.topic), offset.partition);
  });
  for (const service::TopicOffset& offset : description.offsets) {
    SH_CO_TRY(const model::Offset high_watermark,
              co_await services.fetch.high_watermark(offset.topic, offset.partition));
    describe(offset, high_watermark, *response->add_offsets());
  }
  co_return base::Status{};
}

Task<base::Status> delete_group(Services services, const v1::DeleteGroupRequest* request,
                                v1::DeleteGroupResponse* response) {
  SH_CO_TRY_OK(co_await services.groups.remove(request->group_id()));
  response->set_deleted(request->group_id());
  co_return base::Status{};
}

}  // namespace

AdminApi::Unary* AdminApi::EnsureGroup(Context* context, const v1::EnsureGroupRequest* request,
                                       v1::EnsureGroupResponse*) {
  return bridge_.answer(context, [=](Services s) { return ensure_group(s, request); });
}

AdminApi::Unary* AdminApi::ListGroups(Context* context, const v1::ListGroupsRequest* request,
                                      v1::ListGroupsResponse* response) {
  return bridge_.answer(context, [=](Services s) { return list_groups(s, request, response); });
}

AdminApi::Unary* AdminApi::GetGroup(Context* context, const v1::GetGroupRequest* request,
                                    v1::GetGroupResponse* response) {
  return bridge_.answer(context, [=](Services s) { return get_group(s, request, response); });
}

AdminApi::Unary* AdminApi::DeleteGroup(Context* context, const v1::DeleteGroupRequest* request,
                                       v1::DeleteGroupResponse* response) {
  return bridge_.answer(context, [=](Services s) { return delete_group(s, request, response); });
}

}  // namespace streamhouse::rpc
