// Captures record batches as librdkafka produces them, for every codec, into
// record_batch_<codec>.bin and, from an idempotent producer, record_batch_idempotent.bin.
//
// A development tool, not part of the build: run it again only to add a case, and check the change
// of the expected records in src/model/golden_test.cc. With librdkafka-dev installed:
//
//   clang++-19 -std=c++23 tests/golden/capture_librdkafka.cc -lrdkafka -o build/capture_librdkafka
//   build/capture_librdkafka tests/golden
//
// How: a producer sends the records to the mock broker inside the library, one batch to a topic of
// its own for each codec; a hand-written Fetch request over a plain socket brings the batch back.
// The broker changes nothing but the base offset, which is 0 here.
#include <arpa/inet.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using Nullable = std::optional<std::string>;

struct Case {
  std::int64_t timestamp;
  Nullable key;
  Nullable value;
  std::vector<std::pair<std::string, Nullable>> headers;
};

/// The same as in src/model/golden_test.cc.
const std::vector<Case> kRecords = {
    {1700000000000, "user-1", std::string(300, 'a') + "end", {{"trace", "abc"}, {"empty", ""}}},
    {1700000000001, std::nullopt, "a value without a key", {}},
    {1700000000005, "tombstone", std::nullopt, {{"null", std::nullopt}}},
    {1700000000003, "", "", {{"twice", "1"}, {"twice", "2"}}},
    {1700000000500, "binary", std::string("\x00\x01\xfe\xff", 4), {}},
};

[[noreturn]] void fail(const std::string& text) {
  std::fprintf(stderr, "capture: %s\n", text.c_str());
  std::exit(1);
}

void set(rd_kafka_conf_t* conf, const char* name, const char* value) {
  char error[256];
  if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) fail(error);
}

const char* data_of(const Nullable& text) { return text ? text->data() : nullptr; }

void produce(rd_kafka_t* producer, const std::string& topic) {
  for (const Case& record : kRecords) {
    rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
    for (const auto& [name, value] : record.headers)
      rd_kafka_header_add(headers, name.c_str(), -1, data_of(value),
                          static_cast<ssize_t>(value.value_or("").size()));
    const auto error = rd_kafka_producev(
        producer, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(0),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_TIMESTAMP(record.timestamp),
        RD_KAFKA_V_KEY(data_of(record.key), record.key.value_or("").size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(data_of(record.value)),
                         record.value.value_or("").size()),
        RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) fail(rd_kafka_err2str(error));
  }
  if (rd_kafka_flush(producer, 10000) != RD_KAFKA_RESP_ERR_NO_ERROR) fail("flush timed out");
}

template <class T>
void put(std::string& out, T value) {
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(value >> shift));
}

void put_string(std::string& out, const std::string& text) {
  put(out, static_cast<std::int16_t>(text.size()));
  out += text;
}

/// Fetch, version 4, of partition 0 of `topic` from offset 0.
std::string fetch_request(const std::string& topic) {
  std::string body;
  put(body, std::int16_t{1});  // API key
  put(body, std::int16_t{4});  // version
  put(body, std::int32_t{7});  // correlation id
  put_string(body, "capture");
  put(body, std::int32_t{-1});       // replica: none
  put(body, std::int32_t{1000});     // wait, ms
  put(body, std::int32_t{1});        // bytes, at least
  put(body, std::int32_t{1 << 20});  // bytes, at most
  put(body, std::int8_t{0});         // isolation level
  put(body, std::int32_t{1});        // topics
  put_string(body, topic);
  put(body, std::int32_t{1});        // partitions
  put(body, std::int32_t{0});        // partition
  put(body, std::int64_t{0});        // offset
  put(body, std::int32_t{1 << 20});  // bytes of this partition, at most
  std::string frame;
  put(frame, static_cast<std::int32_t>(body.size()));
  return frame + body;
}

std::string receive(int socket, std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t done = 0; done < size;) {
    const ssize_t count = recv(socket, out.data() + done, size - done, 0);
    if (count <= 0) fail("the broker closed the connection");
    done += static_cast<std::size_t>(count);
  }
  return out;
}

std::int32_t get32(const std::string& in, std::size_t position) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | static_cast<unsigned char>(in.at(position + i));
  return static_cast<std::int32_t>(value);
}

std::string fetch(const std::string& broker, const std::string& topic) {
  const auto colon = broker.rfind(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(broker.substr(colon + 1))));
  inet_pton(AF_INET, broker.substr(0, colon).c_str(), &address.sin_addr);
  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    fail("cannot connect to " + broker);
  const std::string request = fetch_request(topic);
  if (send(connection, request.data(), request.size(), 0) != std::ssize(request)) fail("send");
  const std::string reply =
      receive(connection, static_cast<std::size_t>(get32(receive(connection, 4), 0)));
  close(connection);
  // Correlation id, throttle time, one topic with its name, one partition: index, error, high
  // watermark, last stable offset; then the aborted transactions.
  const std::size_t aborted = 4 + 4 + 4 + 2 + topic.size() + 4 + 4 + 2 + 8 + 8;
  const auto aborted_count = static_cast<std::size_t>(std::max(get32(reply, aborted), 0));
  const std::size_t records = aborted + 4 + aborted_count * 16;
  return reply.substr(records + 4, static_cast<std::size_t>(get32(reply, records)));
}

void capture(const std::string& name, const std::string& codec, const char* idempotence,
             const std::string& folder) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  set(conf, "test.mock.num.brokers", "1");
  set(conf, "compression.codec", codec.c_str());
  set(conf, "linger.ms", "200");  // so that all records are in one batch
  set(conf, "enable.idempotence", idempotence);
  char error[256];
  rd_kafka_t* producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
  if (producer == nullptr) fail(error);
  produce(producer, "golden");
  const auto* cluster = rd_kafka_handle_mock_cluster(producer);
  const std::string batch = fetch(rd_kafka_mock_cluster_bootstraps(cluster), "golden");
  rd_kafka_destroy(producer);
  const std::string path = folder + "/record_batch_" + name + ".bin";
  std::ofstream(path, std::ios::binary) << batch;
  std::printf("%s: %zu bytes\n", path.c_str(), batch.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) fail("usage: capture_librdkafka FOLDER");
  for (const char* codec : {"none", "gzip", "snappy", "lz4", "zstd"})
    capture(codec, codec, "false", argv[1]);
  capture("idempotent", "lz4", "true", argv[1]);
}
