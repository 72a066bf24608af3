#include "cli/commands/run.h"
#include "cli/direct/direct_metadata.h"
#include "cli/direct/store_urls.h"

namespace streamhouse::cli {

base::Result<Exit> run(const MetadataUnfreeze&, Context& context) {
  SH_TRY(const bool was_frozen, unfreeze_directly(database_url_of_environment()));
  const std::string json = was_frozen ? R"({"unfrozen":true})" : R"({"unfrozen":false})";
  const std::string text = was_frozen ? "unfrozen" : "was not frozen";
  return print(context, json, text + "\n");
}

}  // namespace streamhouse::cli
