// Captures what librdkafka and its mock broker say to each other, into
// frames/<API key>_v<version>_request.bin and ..._response.bin: whole frames, with their length.
//
// A development tool, not part of the build: run it again only to add a case, and check the change
// of tests/wire/golden_frames_test.cc. With librdkafka-dev installed:
//
//   clang++-19 -std=c++23 tests/golden/capture_librdkafka_frames.cc -lrdkafka -o
//   build/capture_frames build/capture_frames tests/golden/frames
//
// How: client and broker live in one process, and both send by sendmsg(), which is replaced here by
// one that keeps a copy. An idempotent producer writes some records; a group of one reads them.
#include <dlfcn.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace {

/// (port of the sender, port of the receiver) -> what was sent.
using Streams = std::map<std::pair<int, int>, std::string>;
std::mutex streams_mutex;
Streams streams;

int port_of(int socket, int (*name)(int, sockaddr*, socklen_t*)) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (name(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return -1;
  return address.sin_family == AF_INET ? ntohs(address.sin_port) : -1;
}

[[noreturn]] void fail(const std::string& text) {
  std::fprintf(stderr, "capture: %s\n", text.c_str());
  std::exit(1);
}

template <class T>
T get(const std::string& in, std::size_t position) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = value << 8 | static_cast<unsigned char>(in.at(position + i));
  return static_cast<T>(value);
}

/// Takes the first frame, length included, off a stream.
std::string take_frame(std::string& stream) {
  if (stream.size() < 4) return {};
  const auto size = 4 + static_cast<std::size_t>(get<std::int32_t>(stream, 0));
  if (stream.size() < size) return {};
  std::string frame = stream.substr(0, size);
  stream.erase(0, size);
  return frame;
}

void set(rd_kafka_conf_t* conf, const char* name, const char* value) {
  char error[256];
  if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) fail(error);
}

rd_kafka_t* open(rd_kafka_type_t type, rd_kafka_conf_t* conf) {
  char error[256];
  set(conf, "client.id", "golden");
  rd_kafka_t* client = rd_kafka_new(type, conf, error, sizeof error);
  if (client == nullptr) fail(error);
  return client;
}

void produce(rd_kafka_t* producer) {
  for (const char* value : {"one", "two", "three"})
    if (rd_kafka_producev(producer, RD_KAFKA_V_TOPIC("golden"), RD_KAFKA_V_PARTITION(0),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY("key", 3),
                          RD_KAFKA_V_VALUE(const_cast<char*>(value), std::string(value).size()),
                          RD_KAFKA_V_END) != RD_KAFKA_RESP_ERR_NO_ERROR)
      fail("produce");
  if (rd_kafka_flush(producer, 10000) != RD_KAFKA_RESP_ERR_NO_ERROR) fail("flush timed out");
}

void consume(rd_kafka_t* consumer) {
  rd_kafka_poll_set_consumer(consumer);
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, "golden", RD_KAFKA_PARTITION_UA);
  if (rd_kafka_subscribe(consumer, topics) != RD_KAFKA_RESP_ERR_NO_ERROR) fail("subscribe");
  rd_kafka_topic_partition_list_destroy(topics);
  int read = 0;
  for (int polls = 0; read < 3 && polls < 600; ++polls) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 100);
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++read;
    rd_kafka_message_destroy(message);
  }
  if (read < 3) fail("the records did not come back");
  for (int polls = 0; polls < 40; ++polls)  // heartbeats, and a fetch that finds nothing new
    if (rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 100))
      rd_kafka_message_destroy(message);
  if (rd_kafka_commit(consumer, nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR) fail("commit");
  rd_kafka_consumer_close(consumer);
}

/// ApiVersions 3, which the mock broker refuses with bytes of neither version 0 nor 3.
constexpr const char* kBrokenResponse = "18_v3";

/// The largest request of each API and version, and its response.
void write_frames(const std::string& folder) {
  std::map<std::string, std::pair<std::string, std::string>> frames;
  for (auto& [ports, stream] : streams) {
    if (stream.size() < 6 || get<std::int16_t>(stream, 4) != 18) continue;  // no client
    std::string& answers = streams[{ports.second, ports.first}];
    std::map<std::int32_t, std::string> responses;
    for (std::string frame = take_frame(answers); !frame.empty(); frame = take_frame(answers))
      responses[get<std::int32_t>(frame, 4)] = frame;
    for (std::string frame = take_frame(stream); !frame.empty(); frame = take_frame(stream)) {
      const std::string name = std::to_string(get<std::int16_t>(frame, 4)) + "_v" +
                               std::to_string(get<std::int16_t>(frame, 6));
      const std::string& response = responses[get<std::int32_t>(frame, 8)];
      auto& [kept, answer] = frames[name];
      if (frame.size() + response.size() > kept.size() + answer.size()) {
        kept = frame;
        answer = response;
      }
    }
  }
  for (const auto& [name, frame] : frames) {
    std::ofstream(folder + "/" + name + "_request.bin", std::ios::binary) << frame.first;
    if (!frame.second.empty() && name != kBrokenResponse)
      std::ofstream(folder + "/" + name + "_response.bin", std::ios::binary) << frame.second;
    std::printf("%s: %zu and %zu bytes\n", name.c_str(), frame.first.size(), frame.second.size());
  }
}

}  // namespace

extern "C" ssize_t sendmsg(int socket, const msghdr* message, int flags) {
  static const auto real =
      reinterpret_cast<ssize_t (*)(int, const msghdr*, int)>(dlsym(RTLD_NEXT, "sendmsg"));
  const ssize_t sent = real(socket, message, flags);
  if (sent <= 0) return sent;
  const std::lock_guard lock(streams_mutex);
  std::string& stream = streams[{port_of(socket, getsockname), port_of(socket, getpeername)}];
  auto left = static_cast<std::size_t>(sent);
  for (std::size_t i = 0; i < message->msg_iovlen && left > 0; ++i) {
    const std::size_t size = std::min(left, message->msg_iov[i].iov_len);
    stream.append(static_cast<const char*>(message->msg_iov[i].iov_base), size);
    left -= size;
  }
  return sent;
}

int main(int argc, char** argv) {
  if (argc != 2) fail("usage: capture_frames FOLDER");
  rd_kafka_conf_t* producer_conf = rd_kafka_conf_new();
  set(producer_conf, "test.mock.num.brokers", "1");
  set(producer_conf, "enable.idempotence", "true");
  set(producer_conf, "linger.ms", "100");
  rd_kafka_t* producer = open(RD_KAFKA_PRODUCER, producer_conf);
  produce(producer);

  rd_kafka_conf_t* consumer_conf = rd_kafka_conf_new();
  const auto* cluster = rd_kafka_handle_mock_cluster(producer);
  set(consumer_conf, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(cluster));
  set(consumer_conf, "group.id", "readers");
  set(consumer_conf, "auto.offset.reset", "earliest");
  set(consumer_conf, "enable.auto.commit", "false");
  rd_kafka_t* consumer = open(RD_KAFKA_CONSUMER, consumer_conf);
  consume(consumer);
  rd_kafka_destroy(consumer);
  rd_kafka_destroy(producer);
  write_frames(argv[1]);
}
