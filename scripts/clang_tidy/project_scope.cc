// A plug-in of clang-tidy: it looks at the project's own code only. Without it, clang-tidy 19 walks
// through every header of the system for every check, which is most of its time; what it finds
// there it does not report anyway. From version 21 on it does so by itself.
#include <clang/AST/ASTConsumer.h>
#include <clang/AST/ASTContext.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Frontend/FrontendAction.h>
#include <clang/Frontend/FrontendPluginRegistry.h>

#include <memory>
#include <string>
#include <vector>

namespace {

class ProjectScope : public clang::ASTConsumer {
  bool HandleTopLevelDecl(clang::DeclGroupRef group) override {
    declared_.insert(declared_.end(), group.begin(), group.end());
    return true;
  }

  void HandleTranslationUnit(clang::ASTContext& context) override {
    const clang::SourceManager& sources = context.getSourceManager();
    std::erase_if(declared_, [&](const clang::Decl* declaration) {
      return sources.isInSystemHeader(declaration->getLocation());
    });
    context.setTraversalScope(declared_);
  }

  std::vector<clang::Decl*> declared_;
};

class Action : public clang::PluginASTAction {
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance&,
                                                        llvm::StringRef) override {
    return std::make_unique<ProjectScope>();
  }
  bool ParseArgs(const clang::CompilerInstance&, const std::vector<std::string>&) override {
    return true;
  }
  ActionType getActionType() override { return AddBeforeMainAction; }
};

const clang::FrontendPluginRegistry::Add<Action> registered("project-scope",
                                                            "leaves system headers out");

}  // namespace
