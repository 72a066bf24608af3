#include "net/listening.h"

namespace streamhouse::net {

using boost::asio::ip::tcp;

base::Result<HostPort> begin_listening(const HostPort& address, tcp::acceptor& acceptor) {
  boost::system::error_code error;
  tcp::endpoint endpoint;
  const auto found =
      tcp::resolver(acceptor.get_executor())
          .resolve(address.host, std::to_string(address.port), tcp::resolver::passive, error);
  if (!error) endpoint = found.begin()->endpoint();
  if (!error) acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
  if (error) {
    return base::make_error(base::Errc::kUnavailable,
                            "cannot listen on " + to_string(address) + ": " + error.message());
  }
  return HostPort{address.host, acceptor.local_endpoint().port()};
}

}  // namespace streamhouse::net
