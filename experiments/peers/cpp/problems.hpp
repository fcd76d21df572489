// The scalar-coded test functions, templated on the number type T.
// A peer must provide, found by ADL or in the global namespace before this header
// is instantiated: xmax(T,T), xabs(T); exp/log by ADL.
#pragma once
#include <cmath>
#include <vector>
#include "peer.hpp"

using std::exp;
using std::log;

// Haarala, Miettinen, Makela (2004), "New limited memory bundle method for large-scale
// nonsmooth optimization", test problems 1, 5, 3, 6, 9.
struct MaxQ {
  static const char* name() { return "maxq"; }
  static double x0(int i, int n) { return i < n / 2 ? (i + 1) * 1.0 / n : -(i + 1) * 1.0 / n; }
  template <class T> static T f(const T* x, int n) {
    T m = x[0] * x[0];
    for (int i = 1; i < n; i++) { T s = x[i] * x[i]; m = xmax(m, s); }
    return m;
  }
};
struct ChainedLQ {
  static const char* name() { return "chained-lq"; }
  static double x0(int, int) { return -0.5; }
  template <class T> static T f(const T* x, int n) {
    T s = 0.0;
    for (int i = 0; i + 1 < n; i++) {
      T a = -x[i] - x[i + 1];
      T b = a + (x[i] * x[i] + x[i + 1] * x[i + 1] - 1.0);
      s += xmax(a, b);
    }
    return s;
  }
};
struct ChainedCB3II {
  static const char* name() { return "chained-cb3-2"; }
  static double x0(int, int) { return 2.0; }
  template <class T> static T f(const T* x, int n) {
    T s1 = 0.0, s2 = 0.0, s3 = 0.0;
    for (int i = 0; i + 1 < n; i++) {
      T q = x[i] * x[i];
      s1 += q * q + x[i + 1] * x[i + 1];
      T u = 2.0 - x[i], v = 2.0 - x[i + 1];
      s2 += u * u + v * v;
      s3 += 2.0 * exp(x[i + 1] - x[i]);
    }
    T m = xmax(s1, s2);
    return xmax(m, s3);
  }
};
struct ActiveFaces {
  static const char* name() { return "active-faces"; }
  static double x0(int, int) { return 1.0; }
  template <class T> static T g(const T& y) { return log(xabs(y) + 1.0); }
  template <class T> static T f(const T* x, int n) {
    T s = 0.0;
    for (int i = 0; i < n; i++) s += x[i];
    T ms = -s;
    T m = g(ms);
    for (int i = 0; i < n; i++) { T gi = g(x[i]); m = xmax(m, gi); }
    return m;
  }
};
struct CrescentI {
  static const char* name() { return "crescent-1"; }
  static double x0(int i, int) { return i % 2 == 0 ? -1.5 : 2.0; }
  template <class T> static T f(const T* x, int n) {
    T s1 = 0.0, s2 = 0.0;
    for (int i = 0; i + 1 < n; i++) {
      T a = x[i] * x[i];
      T d = x[i + 1] - 1.0;
      T b = d * d;
      s1 += a + b + x[i + 1] - 1.0;
      s2 += -a - b + x[i + 1] + 1.0;
    }
    return xmax(s1, s2);
  }
};

template <class P> std::vector<double> start(int n, uint64_t seed = 1) {
  Rng r(seed);
  std::vector<double> x(n);
  for (int i = 0; i < n; i++) x[i] = P::x0(i, n) + 0.01 * r.sym();
  return x;
}

template <class P> std::string w1(int n) { return std::string("w1/") + P::name() + "/" + std::to_string(n); }

template <class Fn> void for_w1(Fn&& fn) {
  for (int n : {1000, 100000}) {
    fn(MaxQ{}, n); fn(ChainedLQ{}, n); fn(ChainedCB3II{}, n); fn(ActiveFaces{}, n); fn(CrescentI{}, n);
  }
}

// --- W3: loss of a 10-32-32-1 ReLU net on 64 points, as a function of its 1441 parameters.
struct NetData {
  static constexpr int B = 64, I = 10, H = 32, P = I * H + H + H * H + H + H + 1;
  std::vector<double> X, Y, p0;
  NetData() {
    Rng r(7);
    X.resize(B * I); Y.resize(B); p0.resize(P);
    for (auto& v : X) v = r.sym();
    for (auto& v : Y) v = r.sym();
    for (int i = 0; i < P; i++) p0[i] = 0.3 * r.sym();
  }
  std::vector<double> perturbed(int k) const {
    Rng r(1000 + k);
    auto p = p0;
    for (auto& v : p) v += 1e-3 * r.sym();
    return p;
  }
  template <class T> T loss(const T* p) const {
    const T *W1 = p, *b1 = W1 + I * H, *W2 = b1 + H, *b2 = W2 + H * H, *W3 = b2 + H, *b3 = W3 + H;
    T L = 0.0;
    std::vector<T> h1(H), h2(H);
    for (int s = 0; s < B; s++) {
      const double* x = &X[s * I];
      for (int j = 0; j < H; j++) {
        T a = b1[j];
        for (int k = 0; k < I; k++) a += W1[j * I + k] * x[k];
        h1[j] = xmax(a, T(0.0));
      }
      for (int j = 0; j < H; j++) {
        T a = b2[j];
        for (int k = 0; k < H; k++) a += W2[j * H + k] * h1[k];
        h2[j] = xmax(a, T(0.0));
      }
      T o = b3[0];
      for (int k = 0; k < H; k++) o += W3[k] * h2[k];
      T d = o - Y[s];
      L += d * d;
    }
    return L * (1.0 / B);
  }
};

// --- W3b: max_i |a_i.x + b_i|, 50 affine pieces in R^50.
struct MaxAff {
  static constexpr int M = 50, N = 50;
  std::vector<double> A, b, x0;
  MaxAff() {
    Rng r(11);
    A.resize(M * N); b.resize(M); x0.resize(N);
    for (auto& v : A) v = r.sym();
    for (auto& v : b) v = r.sym();
    for (auto& v : x0) v = r.sym();
  }
  std::vector<double> perturbed(int k) const {
    Rng r(5000 + k);
    auto p = x0;
    for (auto& v : p) v += 1e-2 * r.sym();
    return p;
  }
  // pick writes the gradient of the largest of |z|.
  void pick(const double* z, double* g) const {
    int im = 0; double m = -1;
    for (int i = 0; i < M; i++) { double v = std::fabs(z[i]); if (v > m) { m = v; im = i; } }
    double s = z[im] > 0 ? 1 : -1;
    for (int j = 0; j < N; j++) g[j] = s * A[im * N + j];
  }
  template <class T> T f(const T* x) const {
    T m = 0.0;
    for (int i = 0; i < M; i++) {
      T a = b[i];
      for (int j = 0; j < N; j++) a += A[i * N + j] * x[j];
      T v = xabs(a);
      if (i == 0) m = v; else m = xmax(m, v);
    }
    return m;
  }
};

// --- W4: 2-16-16-1 ReLU net, batch 1, squared loss; params + (x,y) active as inputs so a
// recorded tape can be replayed on a new sample.
struct Tiny {
  static constexpr int I = 2, H = 16, P = I * H + H + H * H + H + H + 1;  // 337
  std::vector<double> X, Y, p0;
  static constexpr int N = 1000;
  Tiny() {
    Rng r(13);
    X.resize(N * I); Y.resize(N); p0.resize(P);
    for (auto& v : X) v = r.sym();
    for (int i = 0; i < N; i++) Y[i] = std::fabs(X[2 * i]) - std::max(X[2 * i + 1], 0.0);
    for (int i = 0; i < P; i++) p0[i] = 0.4 * r.sym();
  }
  template <class T, class D> static T loss(const T* p, const D* x, const D& y) {
    const T *W1 = p, *b1 = W1 + I * H, *W2 = b1 + H, *b2 = W2 + H * H, *W3 = b2 + H, *b3 = W3 + H;
    T h1[H], h2[H];
    for (int j = 0; j < H; j++) {
      T a = b1[j];
      for (int k = 0; k < I; k++) a += W1[j * I + k] * x[k];
      h1[j] = xmax(a, T(0.0));
    }
    for (int j = 0; j < H; j++) {
      T a = b2[j];
      for (int k = 0; k < H; k++) a += W2[j * H + k] * h1[k];
      h2[j] = xmax(a, T(0.0));
    }
    T o = b3[0];
    for (int k = 0; k < H; k++) o += W3[k] * h2[k];
    T d = o - y;
    return d * d;
  }
};

// --- tape/point, tape/lanes: a chain of n operations on two scalars, half of them kinks.
template <class T> T scalar_chain(const T& x, const T& y, int n) {
  T z = x + y;
  for (int i = 0; i + 1 < n; i++) {
    switch (i % 6) {
      case 0: { T t = xmax(z, T(0.0)); z = t; break; }
      case 1: { T t = 0.5 * z + 1.0; z = t; break; }
      case 2: { T t = xabs(z); z = t; break; }
      case 3: { T t = z - y; z = t; break; }
      case 4: { T t = xmax(z, x); z = t; break; }
      default: { T t = z * x; z = t; }
    }
  }
  return z;
}
constexpr int scalar_operations = 100000, scalar_lanes = 256;
inline void scalar_points(int n, std::vector<double>& x, std::vector<double>& y) {
  Rng r(29);
  for (int i = 0; i < n; i++) { x.push_back(0.25 + 0.5 * r.u()); y.push_back(0.25 + 0.5 * r.u()); }
}
