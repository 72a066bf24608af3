#include "net/aws/xml_text.h"

#include <pugixml.hpp>

namespace streamhouse::net {

struct XmlElement::Node {
  std::shared_ptr<const pugi::xml_document> document;
  pugi::xml_node node;
};

namespace {

std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const auto colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

}  // namespace

base::Result<XmlElement> XmlElement::parse(std::string_view text) {
  auto document = std::make_shared<pugi::xml_document>();
  const auto parsed =
      document->load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
  if (!parsed || document->document_element().empty())
    return {base::Errc::kInvalid, std::string("malformed XML: ") + parsed.description()};
  const pugi::xml_node root = document->document_element();
  return XmlElement(std::make_shared<const Node>(std::move(document), root));
}

std::string XmlElement::name() const { return std::string(local_name(node_->node)); }

std::string XmlElement::text() const { return node_->node.text().get(); }

std::string XmlElement::text_of(std::string_view name) const { return child(name).text(); }

std::vector<XmlElement> XmlElement::children(std::string_view name) const {
  std::vector<XmlElement> found;
  for (const pugi::xml_node& node : node_->node.children())
    if (local_name(node) == name)
      found.push_back(XmlElement(std::make_shared<const Node>(node_->document, node)));
  return found;
}

XmlElement XmlElement::child(std::string_view name) const {
  for (const pugi::xml_node& node : node_->node.children())
    if (local_name(node) == name)
      return XmlElement(std::make_shared<const Node>(node_->document, node));
  return XmlElement(std::make_shared<const Node>(node_->document, pugi::xml_node()));
}

std::string escape_xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace streamhouse::net
