// What peers in C++ share: the stream of inputs, the checksum, and the protocol of experiments/bench/peer.
#pragma once
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#ifndef PEER_VERSION
#define PEER_VERSION "unknown version"
#endif

struct Rng {  // xorshift64*, as every peer draws
  uint64_t s;
  explicit Rng(uint64_t seed) : s(seed) {}
  double u() {
    s ^= s >> 12; s ^= s << 25; s ^= s >> 27;
    return double((s * 2685821657736338717ull) >> 11) * (1.0 / 9007199254740992.0);
  }
  double sym() { return 2 * u() - 1; }
  template <class T> std::vector<T> syms(size_t n, double scale = 1) {
    std::vector<T> x(n);
    for (auto& v : x) v = T(scale * sym());
    return x;
  }
};

struct Checksum {  // sum and size of x_i * (1 + i mod 7)
  double sum = 0, size = 0;
  size_t count = 0;
  template <class T> void add(const T* x, size_t n) {
    for (size_t i = 0; i < n; i++) {
      double w = 1.0 + double(count++ % 7);
      sum += w * double(x[i]); size += w * std::fabs(double(x[i]));
    }
  }
  template <class T> void add(const std::vector<T>& x) { add(x.data(), x.size()); }
};
template <class T> Checksum of(const std::vector<T>& x) { Checksum c; c.add(x); return c; }

template <class T> inline void keep(T const& v) { asm volatile("" : : "g"(&v) : "memory"); }

struct Task {
  std::function<void()> run;
  std::function<Checksum()> numbers;
};
using Tasks = std::map<std::string, std::function<Task()>>;

inline double timed(const Task& t, long runs) {
  auto from = std::chrono::steady_clock::now();
  for (long i = 0; i < runs; i++) t.run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count() / double(runs);
}

inline void measure(const std::string& name, const Task& t, double seconds) {
  const int batches = 5;
  double once = timed(t, 1);
  Checksum c = t.numbers();
  if (once < 10 * seconds) once = timed(t, 1);  // else the first run is the measurement
  else seconds = 0;
  long runs = std::max(1L, long(seconds / batches / std::max(once, 1e-9)));
  int count = once > seconds / batches ? std::max(1, int(seconds / once)) : batches;
  std::vector<double> ts;
  if (seconds == 0) ts.push_back(once);
  else for (int i = 0; i < count; i++) ts.push_back(timed(t, runs));
  std::sort(ts.begin(), ts.end());
  std::printf("{\"workload\": \"%s\", \"seconds\": %.9g, \"best\": %.9g, \"runs\": %ld, \"sum\": %.17g, \"size\": %.17g}\n",
              name.c_str(), ts[ts.size() / 2], ts[0], count * runs, c.sum, c.size);
}

// text returns a string of a flat JSON object whose strings have no escapes, as names of workloads have none.
inline std::string text(const std::string& line, const char* key) {
  size_t at = line.find(std::string("\"") + key + "\"");
  if (at == std::string::npos) return "";
  at = line.find('"', line.find(':', at)) + 1;
  return line.substr(at, line.find('"', at) - at);
}
inline double number(const std::string& line, const char* key) {
  size_t at = line.find(std::string("\"") + key + "\"");
  return at == std::string::npos ? 0 : std::atof(line.c_str() + line.find(':', at) + 1);
}

inline int serve(const std::string& name, const std::string& version, const Tasks& tasks) {
  std::string names;
  for (auto& t : tasks) names += (names.empty() ? "\"" : ", \"") + t.first + "\"";
  std::printf("{\"protocol\": 1, \"peer\": \"%s\", \"version\": \"%s\", \"workloads\": [%s]}\n", name.c_str(), version.c_str(), names.c_str());
  std::fflush(stdout);
  std::map<std::string, Task> ready;
  for (std::string line; std::getline(std::cin, line);) {
    std::string w = text(line, "workload");
    auto t = tasks.find(w);
    if (t == tasks.end()) {
      std::printf("{\"workload\": \"%s\", \"error\": \"there is no such workload\"}\n", w.c_str());
    } else {
      if (!ready.count(w)) ready[w] = t->second();
      measure(w, ready[w], number(line, "seconds"));
    }
    std::fflush(stdout);
  }
  return 0;
}
