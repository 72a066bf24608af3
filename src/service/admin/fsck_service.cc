#include "service/admin/fsck_service.h"

namespace streamhouse::service {

runtime::Task<base::Status> FsckService::run(upkeep::FsckSink* sink) {
  upkeep::Fsck fsck(ports_, *sink);
  co_return co_await fsck.run();
}

}  // namespace streamhouse::service
