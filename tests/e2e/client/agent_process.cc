#include "tests/e2e/client/agent_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include "base/check.h"

namespace streamhouse::e2e {
namespace {

/// The child's side: never returns.
[[noreturn]] void become_server(const std::vector<std::string>& words, int out,
                                const std::string& folder) {
  if (::chdir(folder.c_str()) != 0) ::_exit(126);
  const int err = ::open("agent.log", O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

/// The first line; shorter if the other end closes.
std::string read_line(int file) {
  std::string line;
  char byte = 0;
  while (::read(file, &byte, 1) == 1 && byte != '\n') line += byte;
  return line;
}

std::string field(const std::string& line, const std::string& name) {
  const std::size_t begin = line.find(" " + name + "=");
  SH_CHECK(begin != std::string::npos, "the ready line has the field");
  const std::size_t from = begin + name.size() + 2;
  return line.substr(from, line.find(' ', from) - from);
}

}  // namespace

AgentProcess::AgentProcess(AgentSetup setup) : setup_(std::move(setup)) {
  if (setup_.database_folder.empty()) setup_.database_folder = folder();
  if (setup_.object_folder.empty()) setup_.object_folder = folder();
  start();
}

AgentProcess::~AgentProcess() {
  if (pid_ > 0) kill();
}

void AgentProcess::launch() {
  std::vector<std::string> words = setup_.prefix;
  for (const std::string& word :
       {setup_.program, std::string("--grpc-addr=127.0.0.1:0"),
        std::string("--http-addr=127.0.0.1:0"), std::string("--kafka-addr=127.0.0.1:0"),
        "--database-url=" + database_url(), "--object-store=" + object_store_url()})
    words.push_back(word);
  words.insert(words.end(), setup_.flags.begin(), setup_.flags.end());
  int pipe[2];
  SH_CHECK(::pipe2(pipe, O_CLOEXEC) == 0, "a pipe");
  pid_ = ::fork();
  SH_CHECK(pid_ >= 0, "a process");
  if (pid_ == 0) become_server(words, pipe[1], folder().string());
  ::close(pipe[1]);
  ready_pipe_ = pipe[0];
}

void AgentProcess::start() {
  launch();
  const std::string line = read_line(ready_pipe_);
  if (!line.starts_with("streamhouse ready ")) std::fputs(log().c_str(), stderr);
  SH_CHECK(line.starts_with("streamhouse ready "), "the agent is ready");
  address_ = field(line, "grpc");
  http_ = field(line, "http");
}

void AgentProcess::signal(int number) const { SH_CHECK(::kill(pid_, number) == 0, "it lives"); }

std::optional<int> AgentProcess::wait(std::chrono::seconds longest) {
  const auto deadline = std::chrono::steady_clock::now() + longest;
  while (true) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      ::close(ready_pipe_);
      return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    if (std::chrono::steady_clock::now() > deadline) return std::nullopt;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

int AgentProcess::stop() {
  signal(SIGTERM);
  const auto code = wait();
  SH_CHECK(code.has_value(), "it ends when it is told to");
  return *code;
}

void AgentProcess::kill() {
  signal(SIGKILL);
  SH_CHECK(wait().has_value(), "nothing survives this");
}

std::string AgentProcess::database_url() const {
  return "sqlite:" + (setup_.database_folder / "metadata.db").string();
}

std::string AgentProcess::object_store_url() const {
  return "file:" + (setup_.object_folder / "objects").string();
}

std::string AgentProcess::log() const {
  std::ostringstream text;
  text << std::ifstream(folder() / "agent.log").rdbuf();
  return text.str();
}

std::size_t AgentProcess::resident_bytes_max() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  std::string word;
  while (status >> word && word != "VmHWM:") continue;
  std::size_t kibibytes = 0;
  status >> kibibytes;
  return kibibytes * 1024;
}

}  // namespace streamhouse::e2e
