#pragma once
/// \file  Percent-encoding as AWS signatures want it: everything but A-Z a-z 0-9 - _ . ~ (RFC
/// 3986).

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace streamhouse::net {

/// Names and values of a URL's query, not encoded.
using QueryParameters = std::vector<std::pair<std::string, std::string>>;

std::string encode_uri_component(std::string_view text);
/// As a component, but slashes stay.
std::string encode_uri_path(std::string_view path);
/// Sorted by encoded name, then value, as both the request and its signature have it; a parameter
/// without a value is `name=`.
std::string encode_query(const QueryParameters& parameters);
/// Undoes percent-encoding, and takes `+` for a space; a stray `%` stays.
std::string decode_uri(std::string_view text);

}  // namespace streamhouse::net
