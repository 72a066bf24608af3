#include <fmt/core.h>

#include "cli/client/server_streams.h"
#include "cli/commands/run.h"
#include "cli/direct/direct_fsck.h"
#include "cli/output/json.h"
#include "cli/output/progress.h"

namespace streamhouse::cli {

using base::Result;
using base::Status;

namespace {

std::string fsck_text(const v1::FsckResponse& found) {
  Table counts({"OBJECTS", "RECORDS", "BYTES", "VIOLATIONS"});
  counts.add_row({std::to_string(found.objects()), std::to_string(found.records()),
                  std::to_string(found.bytes()), std::to_string(found.violations_size())});
  return counts.render() + "\n" + table_of(found, "violations").render();
}

Status fsck_stores(const std::function<Status(const v1::FsckResponse&)>& show) {
  SH_TRY(const StoreUrls urls, store_urls_of_environment());
  return fsck_directly(urls, show);
}

}  // namespace

Result<Exit> run(const Fsck& command, Context& context) {
  const auto open = [](Peer& peer, grpc::ClientContext* call, grpc::CompletionQueue* queue) {
    return peer.admin->PrepareAsyncFsck(call, v1::FsckRequest(), queue);
  };
  v1::FsckResponse found;
  {
    Progress progress;
    const auto add = [&](const v1::FsckResponse& part) -> Status {
      found.MergeFrom(part);  // newer counts replace, violations are appended
      progress.show(fmt::format("{} objects, {} records, {} violations", found.objects(),
                                found.records(), found.violations_size()),
                    std::nullopt);
      return {};
    };
    SH_TRY_OK(command.stores == StoreAccess::kDirect
                  ? fsck_stores(add)
                  : read_stream<v1::FsckResponse>(context.client, open, add));
  }
  SH_TRY_OK(print(context, json_of(found), fsck_text(found)));
  return found.violations().empty() ? Exit::kDone : Exit::kRefused;
}

}  // namespace streamhouse::cli
