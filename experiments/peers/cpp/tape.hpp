// The workloads of peers with a tape. A peer provides:
//   using T; static constexpr bool can_replay;
//   rec(f, x, n): record y = f(T*) at x;  rev(g): reverse sweep of what was just recorded;
//   freeze(f, x, n): record a tape for replay;  replay(x, g): new point, same tape: forward + reverse.
// A peer that can replay does: recording is then no part of a run.
#pragma once
#include <memory>
#include "peer.hpp"
#include "problems.hpp"

template <class Peer> struct Taped {
  Peer p;
  std::function<typename Peer::T(typename Peer::T*)> f;
  int n;
  bool frozen = false;
  void gradient(const double* x, double* g) {
    if constexpr (Peer::can_replay) {
      if (!frozen) { p.freeze(f, x, n); frozen = true; }
      p.replay(x, g);
    } else {
      p.rec(f, x, n); p.rev(g);
    }
  }
};

template <class Peer> int tape_main(const std::string& name, const std::string& version) {
  using T = typename Peer::T;
  Tasks tasks;
  auto make = [](std::function<T(T*)> f, int n) { auto t = std::make_shared<Taped<Peer>>(); t->f = f; t->n = n; return t; };
  for_w1([&](auto P, int n) {
    using Pr = decltype(P);
    tasks[w1<Pr>(n)] = [=] {
      auto t = make([n](T* a) -> T { return Pr::f(a, n); }, n);
      auto x = std::make_shared<std::vector<double>>(start<Pr>(n)), g = std::make_shared<std::vector<double>>(n);
      return Task{[=] { t->gradient(x->data(), g->data()); }, [=] { return of(*g); }};
    };
  });
  tasks["w3"] = [=] {
    auto D = std::make_shared<NetData>();
    auto ps = std::make_shared<std::vector<std::vector<double>>>();
    for (int k = 0; k < 1000; k++) ps->push_back(D->perturbed(k));
    auto t = make([D](T* a) -> T { return D->loss(a); }, D->P);
    auto G = std::make_shared<std::vector<double>>(size_t(1000) * D->P);
    return Task{[=] { for (int k = 0; k < 1000; k++) t->gradient((*ps)[k].data(), &(*G)[size_t(k) * D->P]); },
                [=] { Checksum c; for (int k = 0; k < 1000; k++) { c.count = 0; c.add(&(*G)[size_t(k) * D->P], D->P); } return c; }};
  };
  tasks["w3b"] = [=] {
    auto A = std::make_shared<MaxAff>();
    const int K = 10000, N = MaxAff::N;
    auto X = std::make_shared<std::vector<double>>(), G = std::make_shared<std::vector<double>>(size_t(K) * N);
    for (int k = 0; k < K; k++) { auto q = A->perturbed(k); X->insert(X->end(), q.begin(), q.end()); }
    auto t = make([A](T* a) -> T { return A->f(a); }, N);
    return Task{[=] { for (int k = 0; k < K; k++) t->gradient(&(*X)[size_t(k) * N], &(*G)[size_t(k) * N]); }, [=] { return of(*G); }};
  };
  tasks["w4"] = [=] {
    auto D = std::make_shared<Tiny>();
    auto in = std::make_shared<std::vector<double>>(D->P + 3), g = std::make_shared<std::vector<double>>(D->P + 3);
    // the sample is an input too, so that a recorded tape serves all of them
    auto t = make([](T* a) -> T { return Tiny::loss(a, a + Tiny::P, a[Tiny::P + 2]); }, D->P + 3);
    std::copy(D->p0.begin(), D->p0.end(), in->begin());
    auto first = std::make_shared<std::vector<double>>();
    auto epoch = [=] {
      for (int s = 0; s < D->N; s++) {
        double* p = in->data();
        p[D->P] = D->X[2 * s]; p[D->P + 1] = D->X[2 * s + 1]; p[D->P + 2] = D->Y[s];
        t->gradient(p, g->data());
        for (int i = 0; i < D->P; i++) p[i] -= 0.01 * (*g)[i];
      }
      if (first->empty()) first->assign(in->begin(), in->begin() + D->P);
    };
    return Task{epoch, [=] { return of(*first); }};
  };
  for (int lanes : {1, scalar_lanes})
    tasks[lanes == 1 ? "tape/point" : "tape/lanes"] = [=] {
      auto x = std::make_shared<std::vector<double>>(), y = x, g = std::make_shared<std::vector<double>>(2 * lanes);
      y = std::make_shared<std::vector<double>>();
      scalar_points(lanes, *x, *y);
      auto t = make([](T* a) -> T { return scalar_chain(a[0], a[1], scalar_operations); }, 2);
      return Task{[=] {
        for (int i = 0; i < lanes; i++) {
          double in[2] = {(*x)[i], (*y)[i]}, d[2];
          t->gradient(in, d);
          (*g)[i] = d[0]; (*g)[lanes + i] = d[1];
        }
      }, [=] { return of(*g); }};
    };
  return serve(name, version, tasks);
}
