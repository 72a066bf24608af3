#pragma once
/// \file  The XML that S3 and STS answer with: small trees of elements with text. The only file
/// that knows the XML library.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace streamhouse::net {

/// An element of a document. Names are without their namespace prefix, attributes are left out.
/// Lifetime:  shares the document.
class XmlElement {
 public:
  /// Parses a document and returns its root. Nothing outside the text is ever read, and no entity
  /// is defined by it. Errors: kInvalid, if it is malformed.
  static base::Result<XmlElement> parse(std::string_view text);

  std::string name() const;
  /// The text inside, without that of elements in it.
  std::string text() const;
  /// Of the first child called `name`; empty if there is none.
  std::string text_of(std::string_view name) const;
  /// The children called `name`, in order.
  std::vector<XmlElement> children(std::string_view name) const;
  /// The first child called `name`; an element without name and text if there is none.
  XmlElement child(std::string_view name) const;

 private:
  struct Node;
  explicit XmlElement(std::shared_ptr<const Node> node) : node_(std::move(node)) {}
  std::shared_ptr<const Node> node_;
};

/// `text` with what XML reserves escaped.
std::string escape_xml(std::string_view text);

}  // namespace streamhouse::net
