// Gradients and loops written by hand: what a compiler makes of plain code, and the limit for the others.
#include "peer.hpp"
inline double xmax(double a, double b) { return a > b ? a : b; }
inline double xabs(double a) { return std::fabs(a); }
#include <memory>
#include "problems.hpp"

// hand gradients, fused: value and gradient in one or two passes
static void grad(MaxQ, const double* x, int n, double* g) {
  int k = 0; double m = x[0] * x[0];
  for (int i = 1; i < n; i++) { double s = x[i] * x[i]; if (s > m) { m = s; k = i; } }
  std::fill(g, g + n, 0.0); g[k] = 2 * x[k];
}
static void grad(ChainedLQ, const double* x, int n, double* g) {
  std::fill(g, g + n, 0.0);
  for (int i = 0; i + 1 < n; i++) {
    double t = x[i] * x[i] + x[i + 1] * x[i + 1] - 1.0, w = t > 0 ? 2.0 : 0.0;
    g[i] += -1 + w * x[i]; g[i + 1] += -1 + w * x[i + 1];
  }
}
static void grad(ChainedCB3II, const double* x, int n, double* g) {
  double s1 = 0, s2 = 0, s3 = 0;
  std::vector<double> e(n);
  for (int i = 0; i + 1 < n; i++) {
    double q = x[i] * x[i], u = 2 - x[i], v = 2 - x[i + 1];
    s1 += q * q + x[i + 1] * x[i + 1]; s2 += u * u + v * v;
    e[i] = 2 * std::exp(x[i + 1] - x[i]); s3 += e[i];
  }
  std::fill(g, g + n, 0.0);
  if (s1 >= s2 && s1 >= s3)
    for (int i = 0; i + 1 < n; i++) { g[i] += 4 * x[i] * x[i] * x[i]; g[i + 1] += 2 * x[i + 1]; }
  else if (s2 >= s3)
    for (int i = 0; i + 1 < n; i++) { g[i] -= 2 * (2 - x[i]); g[i + 1] -= 2 * (2 - x[i + 1]); }
  else
    for (int i = 0; i + 1 < n; i++) { g[i] -= e[i]; g[i + 1] += e[i]; }
}
static void grad(ActiveFaces, const double* x, int n, double* g) {
  double s = 0, m; int k = -1;
  for (int i = 0; i < n; i++) s += x[i];
  m = std::log(std::fabs(s) + 1);
  for (int i = 0; i < n; i++) { double v = std::log(std::fabs(x[i]) + 1); if (v > m) { m = v; k = i; } }
  if (k < 0) std::fill(g, g + n, (s > 0 ? 1.0 : -1.0) / (std::fabs(s) + 1));
  else { std::fill(g, g + n, 0.0); g[k] = (x[k] > 0 ? 1.0 : -1.0) / (std::fabs(x[k]) + 1); }
}
static void grad(CrescentI, const double* x, int n, double* g) {
  double s1 = 0, s2 = 0;
  for (int i = 0; i + 1 < n; i++) {
    double a = x[i] * x[i], d = x[i + 1] - 1, b = d * d;
    s1 += a + b + x[i + 1] - 1; s2 += -a - b + x[i + 1] + 1;
  }
  double w = s1 > s2 ? 1 : -1;
  std::fill(g, g + n, 0.0);
  for (int i = 0; i + 1 < n; i++) { g[i] += w * 2 * x[i]; g[i + 1] += w * 2 * (x[i + 1] - 1) + 1; }
}

// W3 hand gradient by plain loops (compiler-vectorised)
static void net_grad_loops(const NetData& D, const double* p, double* g) {
  const int B = D.B, I = D.I, H = D.H;
  const double *W1 = p, *b1 = W1 + I * H, *W2 = b1 + H, *b2 = W2 + H * H, *W3 = b2 + H, *b3 = W3 + H;
  double *gW1 = g, *gb1 = gW1 + I * H, *gW2 = gb1 + H, *gb2 = gW2 + H * H, *gW3 = gb2 + H, *gb3 = gW3 + H;
  std::fill(g, g + NetData::P, 0.0);
  double h1[32], h2[32], d1[32], d2[32];
  for (int s = 0; s < B; s++) {
    const double* x = &D.X[s * I];
    for (int j = 0; j < H; j++) {
      double a = b1[j];
      for (int k = 0; k < I; k++) a += W1[j * I + k] * x[k];
      h1[j] = xmax(a, 0);
    }
    for (int j = 0; j < H; j++) {
      double a0 = 0, a1 = 0, a2 = 0, a3 = 0;
      for (int k = 0; k < H; k += 4) {
        a0 += W2[j * H + k] * h1[k]; a1 += W2[j * H + k + 1] * h1[k + 1];
        a2 += W2[j * H + k + 2] * h1[k + 2]; a3 += W2[j * H + k + 3] * h1[k + 3];
      }
      h2[j] = xmax(b2[j] + (a0 + a1) + (a2 + a3), 0);
    }
    double o = b3[0];
    for (int k = 0; k < H; k++) o += W3[k] * h2[k];
    double e = 2 * (o - D.Y[s]) / B;
    gb3[0] += e;
    for (int k = 0; k < H; k++) { gW3[k] += e * h2[k]; d2[k] = h2[k] > 0 ? e * W3[k] : 0; d1[k] = 0; }
    for (int j = 0; j < H; j++) {
      gb2[j] += d2[j];
      for (int k = 0; k < H; k++) { gW2[j * H + k] += d2[j] * h1[k]; d1[k] += d2[j] * W2[j * H + k]; }
    }
    for (int j = 0; j < H; j++) {
      double t = h1[j] > 0 ? d1[j] : 0;
      gb1[j] += t;
      for (int k = 0; k < I; k++) gW1[j * I + k] += t * x[k];
    }
  }
}
// W4: one step of SGD on row s.
static void sgd_step(const Tiny& T, std::vector<double>& p, int s) {
  const double* x = &T.X[s * 2]; double y = T.Y[s];
  const double lr = 0.01;
  constexpr int H = Tiny::H;
  double *W1 = p.data(), *b1 = W1 + 2 * H, *W2 = b1 + H, *b2 = W2 + H * H, *W3 = b2 + H, *b3 = W3 + H;
  double h1[16], h2[16], d2[16], d1[16] = {0};
  for (int j = 0; j < H; j++) h1[j] = xmax(b1[j] + W1[2 * j] * x[0] + W1[2 * j + 1] * x[1], 0);
  for (int j = 0; j < H; j++) { double a = b2[j]; for (int k = 0; k < H; k++) a += W2[j * H + k] * h1[k]; h2[j] = xmax(a, 0); }
  double o = b3[0]; for (int k = 0; k < H; k++) o += W3[k] * h2[k];
  double e = 2 * (o - y);
  b3[0] -= lr * e;
  for (int k = 0; k < H; k++) { d2[k] = h2[k] > 0 ? e * W3[k] : 0; W3[k] -= lr * e * h2[k]; }
  for (int j = 0; j < H; j++) {
    b2[j] -= lr * d2[j];
    for (int k = 0; k < H; k++) { d1[k] += d2[j] * W2[j * H + k]; W2[j * H + k] -= lr * d2[j] * h1[k]; }
  }
  for (int j = 0; j < H; j++) { double q = h1[j] > 0 ? d1[j] : 0; b1[j] -= lr * q; W1[2 * j] -= lr * q * x[0]; W1[2 * j + 1] -= lr * q * x[1]; }
}

// W6: sort rows of (value, index), or order pairs; weigh, and scatter the weights back.
template <class F> static F sort_rows(const std::vector<F>& x, const std::vector<F>& w, std::vector<F>& g) {
  std::vector<std::pair<F, int>> pr(1024);
  F s = 0;
  for (int b = 0; b < 128; b++) {
    const int o = b * 1024;
    for (int i = 0; i < 1024; i++) pr[i] = {x[o + i], i};
    std::sort(pr.begin(), pr.end(), [](auto& a, auto& c) { return a.first < c.first; });
    for (int i = 0; i < 1024; i++) { s += w[o + i] * pr[i].first; g[o + pr[i].second] = w[o + i]; }
  }
  return s;
}
template <class F> static F sort_pairs(const std::vector<F>& x, const std::vector<F>& w, std::vector<F>& g) {
  F s = 0;
  for (size_t i = 0; i < x.size(); i += 2) {
    bool swap = x[i] > x[i + 1];
    s += w[i] * (swap ? x[i + 1] : x[i]) + w[i + 1] * (swap ? x[i] : x[i + 1]);
    g[i] = swap ? w[i + 1] : w[i]; g[i + 1] = swap ? w[i] : w[i + 1];
  }
  return s;
}
template <class F> static void sorts(Tasks& tasks, const char* precision) {
  for (bool pairs : {false, true})
    tasks[std::string(pairs ? "w6/pairs/" : "w6/sort/") + precision] = [=] {
      Rng r(23);
      auto x = std::make_shared<std::vector<F>>(r.syms<F>(128 * 1024)), w = std::make_shared<std::vector<F>>(r.syms<F>(128 * 1024));
      auto g = std::make_shared<std::vector<F>>(128 * 1024);
      return Task{[=] { F s = pairs ? sort_pairs(*x, *w, *g) : sort_rows(*x, *w, *g); keep(s); }, [=] { return of(*g); }};
    };
}

template <class F, class Op> static void entrywise(Tasks& tasks, const std::string& op, const char* precision, Op f) {
  tasks["entrywise/" + op + "/" + precision] = [=] {
    Rng r(31);
    const int n = 1024;
    auto x = std::make_shared<std::vector<F>>(r.syms<F>(n)), y = std::make_shared<std::vector<F>>(n), d = std::make_shared<std::vector<F>>(n);
    for (auto& v : *y) v = F(r.u() + 0.5);
    return Task{[=] {
      const F *a = x->data(), *b = y->data();
      F* __restrict c = d->data();
      for (int i = 0; i < n; i++) c[i] = f(a[i], b[i]);
      keep(c[0]);
    }, [=] { return of(*d); }};
  };
}
template <class F> static void all_entrywise(Tasks& t, const char* p) {
  entrywise<F>(t, "add", p, [](F x, F y) { return x + y; });
  entrywise<F>(t, "mul", p, [](F x, F y) { return x * y; });
  entrywise<F>(t, "div", p, [](F x, F y) { return x / y; });
  entrywise<F>(t, "max", p, [](F x, F y) { return x > y ? x : y; });
  entrywise<F>(t, "abs", p, [](F x, F) { return std::fabs(x); });
  entrywise<F>(t, "sqrt", p, [](F, F y) { return std::sqrt(y); });
  entrywise<F>(t, "relu", p, [](F x, F) { return x < 0 ? F(0) : x; });
  entrywise<F>(t, "affine", p, [](F x, F) { return F(0.5 * double(x) + 1.0); });  // in double, as it is defined
  entrywise<F>(t, "gate", p, [](F x, F y) { return x == 0 ? F(0) : x * y; });
  entrywise<F>(t, "exp", p, [](F x, F) { return std::exp(x); });
  entrywise<F>(t, "log", p, [](F, F y) { return std::log(y); });
  entrywise<F>(t, "tanh", p, [](F x, F) { return std::tanh(x); });
}

int main() {
  Tasks tasks;
  for_w1([&](auto P, int n) {
    using Pr = decltype(P);
    tasks[w1<Pr>(n)] = [=] {
      auto x = std::make_shared<std::vector<double>>(start<Pr>(n)), g = std::make_shared<std::vector<double>>(n);
      return Task{[=] { keep((*x)[0]); grad(P, x->data(), n, g->data()); keep((*g)[0]); }, [=] { return of(*g); }};
    };
    tasks[w1<Pr>(n) + "/value"] = [=] {
      auto x = std::make_shared<std::vector<double>>(start<Pr>(n)), y = std::make_shared<std::vector<double>>(1);
      return Task{[=] { keep((*x)[0]); (*y)[0] = Pr::f(x->data(), n); keep((*y)[0]); }, [=] { return of(*y); }};
    };
  });
  tasks["w3"] = [] {
    auto D = std::make_shared<NetData>();
    auto ps = std::make_shared<std::vector<std::vector<double>>>();
    for (int k = 0; k < 1000; k++) ps->push_back(D->perturbed(k));
    auto G = std::make_shared<std::vector<double>>(size_t(1000) * D->P);
    return Task{[=] { for (int k = 0; k < 1000; k++) net_grad_loops(*D, (*ps)[k].data(), &(*G)[size_t(k) * D->P]); },
                [=] { Checksum c; for (int k = 0; k < 1000; k++) { c.count = 0; c.add(&(*G)[size_t(k) * D->P], D->P); } return c; }};
  };
  tasks["w3b"] = [] {
    auto A = std::make_shared<MaxAff>();
    const int K = 10000;
    auto X = std::make_shared<std::vector<double>>(), G = std::make_shared<std::vector<double>>(size_t(K) * A->N);
    for (int k = 0; k < K; k++) { auto q = A->perturbed(k); X->insert(X->end(), q.begin(), q.end()); }
    return Task{[=] {
      double z[50];
      for (int k = 0; k < K; k++) {
        for (int i = 0; i < A->M; i++) { double a = A->b[i]; for (int j = 0; j < A->N; j++) a += A->A[i * A->N + j] * (*X)[size_t(k) * A->N + j]; z[i] = a; }
        A->pick(z, &(*G)[size_t(k) * A->N]);
      }
    }, [=] { return of(*G); }};
  };
  tasks["w4"] = [] {
    auto T = std::make_shared<Tiny>();
    auto p = std::make_shared<std::vector<double>>(T->p0), first = std::make_shared<std::vector<double>>();
    return Task{[=] { for (int s = 0; s < T->N; s++) sgd_step(*T, *p, s); if (first->empty()) *first = *p; }, [=] { return of(*first); }};
  };
  sorts<float>(tasks, "f32"); sorts<double>(tasks, "f64");
  all_entrywise<float>(tasks, "f32"); all_entrywise<double>(tasks, "f64");
  return serve("hand", "g++ " __VERSION__ " -O3 -march=native", tasks);
}
