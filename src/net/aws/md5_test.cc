// Goal: servers that check Content-MD5 accept ours. Method: the known answers of RFC 1321, A.5, as
// RFC 2616 writes them.
#include "net/aws/md5.h"

#include <gtest/gtest.h>

namespace streamhouse::net {
namespace {

TEST(Md5Test, KnownAnswers) {
  EXPECT_EQ(md5_base64(base::as_bytes("")), "1B2M2Y8AsgTpgAmY7PhCfg==");
  EXPECT_EQ(md5_base64(base::as_bytes("abc")), "kAFQmDzST7DWlj99KOF/cg==");
  EXPECT_EQ(md5_base64(base::as_bytes("message digest")), "+WtpfXy3k41SWi8xqvFh0A==");
}

}  // namespace
}  // namespace streamhouse::net
