#pragma once
/// \file  A DynamoDB table on the real server beside which a test runs (scripts/with_dynamodb), and
/// what a process needs to use it.

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "base/check.h"
#include "metadata/dynamodb/dynamodb_metadata_store.h"
#include "metadata/dynamodb/tables/schema.h"
#include "runtime/asio_runtime.h"
#include "runtime/run_task.h"

namespace streamhouse::tests {

/// What scripts/with_dynamodb says: AWS_ENDPOINT_URL_DYNAMODB, DYNAMODB_TEST_FAULTY_ENDPOINT.
inline std::string dynamodb_variable(const char* name) {
  const char* const value = std::getenv(name);
  SH_CHECK(value != nullptr, "run by scripts/with_dynamodb");
  return value;
}
inline std::string dynamodb_endpoint() { return dynamodb_variable("AWS_ENDPOINT_URL_DYNAMODB"); }

/// A name that no other test of this process uses; each process has a server of its own.
inline std::string new_table_name() {
  static int tables = 0;
  return "table_" + std::to_string(++tables);
}

/// One way into a table.
struct DynamodbProcess {
  explicit DynamodbProcess(runtime::Runtime& runtime,
                           const std::string& endpoint = dynamodb_endpoint(),
                           metadata::dynamodb::RetryPolicy::Options retries = {})
      : http(runtime, {}),
        client({runtime, http, credentials}, *metadata::dynamodb::locate("us-east-1", endpoint),
               retries) {}

  net::HttpClient http;
  net::StaticCredentials credentials{{.access_key_id = "tests", .secret_access_key = "sesame"}};
  metadata::dynamodb::Client client;
};

/// Makes the table, or finds it. Throws if that fails.
inline void prepare(runtime::AsioRuntime& runtime, metadata::dynamodb::Table& table,
                    model::TopicId cluster = {{9}}) {
  const auto prepared = runtime::run_task(
      runtime,
      metadata::dynamodb::prepare_table(table, cluster, metadata::dynamodb::Replicas::kRefuse));
  if (!prepared) throw std::runtime_error(to_string(prepared.error()));
}

}  // namespace streamhouse::tests
