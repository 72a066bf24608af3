#include "rpc/admin_api.h"

namespace streamhouse::rpc {

AdminApi::AdminApi(CoreBridge& bridge) : bridge_(bridge) {}
AdminApi::~AdminApi() = default;

}  // namespace streamhouse::rpc
