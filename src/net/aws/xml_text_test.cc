// Goal: the elements of an answer are found, and no text harms the reader.
// Method: small documents, malformed ones, and ones made to hurt.
#include "net/aws/xml_text.h"

#include <gtest/gtest.h>

namespace streamhouse::net {
namespace {

TEST(XmlTextTest, FindsElementsWhateverTheirNamespace) {
  const auto root = XmlElement::parse(
      "<?xml version=\"1.0\"?>\n<s3:List xmlns:s3=\"http://x\" xmlns=\"http://y\">"
      "<s3:Key>a</s3:Key><Key>b</Key><Other><Key>c</Key></Other></s3:List>");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->name(), "List");
  EXPECT_EQ(root->text_of("Key"), "a");
  ASSERT_EQ(root->children("Key").size(), 2u);
  EXPECT_EQ(root->children("Key")[1].text(), "b");
  EXPECT_EQ(root->child("Other").text_of("Key"), "c");
  EXPECT_EQ(root->child("None").child("None").text(), "");
  EXPECT_EQ(root->child("None").name(), "");
  EXPECT_TRUE(root->child("None").children("Key").empty());
}

TEST(XmlTextTest, ElementsOutliveTheirParents) {
  auto inner = XmlElement::parse("<a><b><c>text</c></b></a>")->child("b");
  EXPECT_EQ(inner.text_of("c"), "text");
}

TEST(XmlTextTest, UndoesItsOwnEscapes) {
  const std::string awkward = "<a href=\"x\">&amp;'";
  const auto root = XmlElement::parse("<k>" + escape_xml(awkward) + "</k>");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->text(), awkward);
}

TEST(XmlTextTest, RefusesWhatIsNoDocument) {
  for (const auto* const text :
       {"", " ", "text", "<a>", "<a></b>", "<a", "{\"a\":1}", "<!-- x -->"})
    EXPECT_FALSE(XmlElement::parse(text)) << text;
}

TEST(XmlTextTest, ReadsNothingButTheText) {
  const auto root = XmlElement::parse(
      "<!DOCTYPE a [<!ENTITY file SYSTEM \"file:///etc/passwd\"><!ENTITY x \"xx\">]>"
      "<a>&file;&x;</a>");
  if (root) {
    EXPECT_EQ(root->text(), "&file;&x;") << "entities of a document's own stay unknown";
  }
}

TEST(XmlTextTest, DepthAndNumberDoNoHarm) {
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += "<a>";
  for (int i = 0; i < 200'000; ++i) deep += "</a>";
  EXPECT_TRUE(XmlElement::parse(deep));
  std::string wide = "<a>";
  for (int i = 0; i < 100'000; ++i) wide += "<b/>";
  EXPECT_EQ(XmlElement::parse(wide + "</a>")->children("b").size(), 100'000u);
}

}  // namespace
}  // namespace streamhouse::net
