// The stand-in for CockroachDB as a process, in front of the PostgreSQL server on a port of the
// loopback. Usage: cockroach_stand_in POSTGRES_PORT SEED
// Prints its own port. From the first line of its input on it aborts transactions, leaves the
// outcomes of commits open and stalls, by chances that the seed decides; at the end of the input it
// prints what it injected, one `WHAT COUNT` a line, and ends.
#include <cstdlib>
#include <iostream>
#include <string>

#include "tests/metadata/postgres_proxy.h"

int main(int argc, char** argv) {
  using streamhouse::tests::Guise;
  const int server_port = argc == 3 ? std::atoi(argv[1]) : 0;
  if (server_port <= 0) return 2;
  streamhouse::tests::PostgresProxy proxy(server_port, Guise::kCockroach);
  proxy.set_seed(std::strtoull(argv[2], nullptr, 10));
  std::cout << proxy.port() << std::endl;
  for (std::string line; std::getline(std::cin, line);)
    proxy.set_faults({.conflict = 0.02, .unknown = 0.2, .stall = 0.001});
  for (const auto& [what, count] : proxy.injected()) std::cout << what << " " << count << "\n";
}
