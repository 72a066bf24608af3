// Goal: an agent tells how many objects there are, live and dead, and that its background deletion
// is behind and why, and goes on serving meanwhile. Method: the real agent with a store that can be
// kept from removing; what /metrics says is compared with the files in the store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <thread>

#include "tests/e2e/client/agent_process.h"
#include "tests/e2e/client/client.h"
#include "tests/e2e/client/http_get.h"

namespace streamhouse::e2e {
namespace {

using std::chrono::steady_clock;
using testing::HasSubstr;

struct Count {
  double objects = 0;
  double bytes = 0;
  friend bool operator==(const Count&, const Count&) = default;
  friend Count operator+(const Count& a, const Count& b) {
    return {a.objects + b.objects, a.bytes + b.bytes};
  }
};

class DeletionTest : public testing::Test {
 protected:
  Count counted(const std::string& state) const {
    const std::string labels = "{level=\"0\",state=\"" + state + "\"}";
    return {.objects = metric(agent_.http(), "streamhouse_objects" + labels),
            .bytes = metric(agent_.http(), "streamhouse_object_bytes" + labels)};
  }
  /// The files of the objects with records.
  Count stored() const {
    Count count;
    const std::filesystem::path root = agent_.object_store_url().substr(std::strlen("file:"));
    for (const auto& file : std::filesystem::recursive_directory_iterator(root)) {
      const std::string folder = *file.path().lexically_relative(root).begin();
      const bool is_other = folder == ".tmp" || folder == "catalogue" || folder == "groups";
      const bool is_mark = file.path().filename().string().starts_with("trimmed-");
      if (file.is_regular_file() && !is_other && !is_mark)
        count = count + Count{1, static_cast<double>(file.file_size())};
    }
    return count;
  }
  bool is_behind() const { return metric(agent_.http(), "streamhouse_deletion_behind") == 1; }
  std::size_t logged(const std::string& message) const {
    std::size_t times = 0;
    const std::string log = agent_.log();
    for (std::size_t at = 0; (at = log.find(message, at)) != std::string::npos; ++at) ++times;
    return times;
  }
  static void wait_until(const std::function<bool()>& condition) {
    const auto deadline = steady_clock::now() + std::chrono::minutes(2);
    while (!condition()) {
      ASSERT_LT(steady_clock::now(), deadline);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  void given(const std::string& topic) {
    ASSERT_EQ(verdict(client_.create_topic(topic)), "OK");
    for (const char* const value : {"a", "b"})
      ASSERT_EQ(verdict(client_.produce(topic, value)), "OK");
  }
  std::string delete_topic(const std::string& name) {
    v1::DeleteTopicRequest request;
    request.set_name(name);
    v1::DeleteTopicResponse response;
    return verdict(
        client_.call(&v1::AdminService::Stub::DeleteTopic, client_.admin(), request, response));
  }

  AgentProcess agent_{{.program = SH_HELD_AGENT}};
  Client client_{agent_.address()};
};

TEST_F(DeletionTest, IsCountedAndSaysWhenItIsBehindWhileTheAgentServesOn) {
  given("gone");
  given("kept");
  wait_until([this] { return counted("live") == stored(); });
  EXPECT_EQ(counted("dead"), Count{});
  EXPECT_FALSE(is_behind());

  std::ofstream(agent_.folder() / "keep") << "kept\n";
  ASSERT_EQ(delete_topic("gone"), "OK");
  wait_until([this] { return is_behind() && counted("dead").objects >= 2; });
  wait_until([this] { return counted("live") + counted("dead") == stored(); });
  EXPECT_EQ(logged("background deletion is behind"), 1u);
  EXPECT_THAT(agent_.log(), HasSubstr("objects could not be removed now: injected fault"));
  EXPECT_EQ(http_get(agent_.http(), "/readyz"), "ready");
  EXPECT_EQ(verdict(client_.produce("kept", "c")), "OK");

  std::filesystem::remove(agent_.folder() / "keep");
  wait_until([this] { return !is_behind() && counted("dead") == Count{}; });
  wait_until([this] { return counted("live") == stored(); });
  EXPECT_EQ(logged("background deletion is behind"), 1u);
  EXPECT_EQ(logged("background deletion goes on"), 1u);
  EXPECT_EQ(client_.values("kept"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(agent_.stop(), 0) << agent_.log();
}

}  // namespace
}  // namespace streamhouse::e2e
