#include "net/aws/credentials/credentials.h"

namespace streamhouse::net {

runtime::Task<base::Result<AwsCredentials>> StaticCredentials::fetch() { co_return credentials_; }

}  // namespace streamhouse::net
