#include "tests/e2e/client/http_get.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>

#include "base/check.h"

namespace streamhouse::e2e {

std::string http_get(const std::string& address, const std::string& path) {
  const std::size_t colon = address.rfind(':');
  const int port = std::stoi(address.substr(colon + 1));
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(static_cast<std::uint16_t>(port));
  SH_CHECK(::inet_pton(AF_INET, address.substr(0, colon).c_str(), &where.sin_addr) == 1, "IPv4");
  const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  SH_CHECK(::connect(file, reinterpret_cast<const sockaddr*>(&where), sizeof(where)) == 0,
           "the agent listens");
  const std::string request =
      "GET " + path + " HTTP/1.1\r\nHost: " + address + "\r\nConnection: close\r\n\r\n";
  SH_CHECK(::send(file, request.data(), request.size(), MSG_NOSIGNAL) > 0, "the agent listens");
  std::string answer;
  char part[16384];
  for (ssize_t n = 0; (n = ::read(file, part, sizeof(part))) > 0;)
    answer.append(part, static_cast<std::size_t>(n));
  ::close(file);
  const std::size_t body = answer.find("\r\n\r\n");
  return body == std::string::npos ? "" : answer.substr(body + 4);
}

double metric(const std::string& address, const std::string& name) {
  const std::string text = "\n" + http_get(address, "/metrics");
  const std::size_t found = text.find("\n" + name + " ");
  SH_CHECK(found != std::string::npos, "the metric is there");
  return std::stod(text.substr(found + name.size() + 2));
}

}  // namespace streamhouse::e2e
