// Products of OpenBLAS, and gradients written by hand around them.
#include "peer.hpp"
inline double xmax(double a, double b) { return a > b ? a : b; }
inline double xabs(double a) { return std::fabs(a); }
#include <memory>
#include "problems.hpp"

extern "C" {
void cblas_dgemm(int, int, int, int, int, int, double, const double*, int, const double*, int, double, double*, int);
void cblas_sgemm(int, int, int, int, int, int, float, const float*, int, const float*, int, float, float*, int);
void cblas_dgemv(int, int, int, int, double, const double*, int, const double*, int, double, double*, int);
void cblas_sgemv(int, int, int, int, float, const float*, int, const float*, int, float, float*, int);
char* openblas_get_config() __attribute__((weak));
}
static void gemm(bool ta, bool tb, int m, int n, int k, const double* A, const double* B, double be, double* C_) {
  cblas_dgemm(101, ta ? 112 : 111, tb ? 112 : 111, m, n, k, 1.0, A, ta ? m : k, B, tb ? k : n, be, C_, n);
}
static void gemm(bool ta, bool tb, int m, int n, int k, const float* A, const float* B, float be, float* C_) {
  cblas_sgemm(101, ta ? 112 : 111, tb ? 112 : 111, m, n, k, 1.0f, A, ta ? m : k, B, tb ? k : n, be, C_, n);
}
static void gemv(bool t, int m, int n, const double* A, const double* x, double* y) { cblas_dgemv(101, t ? 112 : 111, m, n, 1.0, A, n, x, 1, 0.0, y, 1); }
static void gemv(bool t, int m, int n, const float* A, const float* x, float* y) { cblas_sgemv(101, t ? 112 : 111, m, n, 1.0f, A, n, x, 1, 0.0f, y, 1); }

// The products of workload.Products; with a vector the product is OpenBLAS's matrix-vector product, as its users would call it.
struct Shape { int m, k, n; bool ta, tb; };
static const Shape shapes[] = {
  {64, 64, 64}, {128, 128, 128}, {256, 256, 256}, {512, 512, 512}, {1024, 1024, 1024},
  {128, 784, 256}, {128, 256, 128}, {784, 128, 256, true}, {256, 128, 128, true}, {128, 128, 256, false, true},
  {1, 784, 256}, {256, 784, 1}, {4, 784, 256}, {8, 784, 256}, {128, 128, 10}, {128, 10, 128, false, true},
};
template <class F> static void products(Tasks& tasks, const std::string& precision) {
  for (const Shape& s : shapes) {
    std::string name = "gemm/" + precision + "/" + std::to_string(s.m) + "x" + std::to_string(s.k) + (s.ta ? "t" : "") + "x" + std::to_string(s.n) + (s.tb ? "t" : "");
    tasks[name] = [=] {
      Rng r(19);
      auto a = std::make_shared<std::vector<F>>(r.syms<F>(s.m * s.k)), b = std::make_shared<std::vector<F>>(r.syms<F>(s.k * s.n));
      auto c = std::make_shared<std::vector<F>>(s.m * s.n);
      return Task{[=] {
        if (s.n == 1) gemv(false, s.m, s.k, a->data(), b->data(), c->data());
        else if (s.m == 1) gemv(true, s.k, s.n, b->data(), a->data(), c->data());
        else gemm(s.ta, s.tb, s.m, s.n, s.k, a->data(), b->data(), F(0), c->data());
      }, [=] { return of(*c); }};
    };
  }
}

// W3 hand gradient, per sample of the parameters, with BLAS on the 64-point batch
static void net_grad_blas(const NetData& D, const double* p, double* g) {
  const int B = D.B, I = D.I, H = D.H;
  const double *W1 = p, *b1 = W1 + I * H, *W2 = b1 + H, *b2 = W2 + H * H, *W3 = b2 + H, *b3 = W3 + H;
  double *gW1 = g, *gb1 = gW1 + I * H, *gW2 = gb1 + H, *gb2 = gW2 + H * H, *gW3 = gb2 + H, *gb3 = gW3 + H;
  static double h1[64 * 32], h2[64 * 32], d1[64 * 32], d2[64 * 32];
  gemm(false, true, B, H, I, D.X.data(), W1, 0.0, h1);
  for (int s = 0; s < B; s++) for (int j = 0; j < H; j++) h1[s * H + j] = xmax(h1[s * H + j] + b1[j], 0);
  gemm(false, true, B, H, H, h1, W2, 0.0, h2);
  std::fill(gb1, gb1 + H, 0.0); std::fill(gb2, gb2 + H, 0.0); std::fill(gW3, gW3 + H, 0.0); gb3[0] = 0;
  for (int s = 0; s < B; s++) {
    double o = b3[0];
    for (int j = 0; j < H; j++) { h2[s * H + j] = xmax(h2[s * H + j] + b2[j], 0); }
    for (int j = 0; j < H; j++) o += W3[j] * h2[s * H + j];
    double e = 2 * (o - D.Y[s]) / B;
    gb3[0] += e;
    for (int j = 0; j < H; j++) {
      gW3[j] += e * h2[s * H + j];
      d2[s * H + j] = h2[s * H + j] > 0 ? e * W3[j] : 0; gb2[j] += d2[s * H + j];
    }
  }
  gemm(true, false, H, H, B, d2, h1, 0.0, gW2);
  gemm(false, false, B, H, H, d2, W2, 0.0, d1);
  for (int s = 0; s < B; s++)
    for (int j = 0; j < H; j++) { double t = h1[s * H + j] > 0 ? d1[s * H + j] : 0; d1[s * H + j] = t; gb1[j] += t; }
  gemm(true, false, H, I, B, d1, D.X.data(), 0.0, gW1);
}

// W2: network 784-256-128-10, weights as in x out, 128 rows.
template <class F> struct Dense {
  static constexpr int B = 128;
  const int d[4] = {784, 256, 128, 10};
  std::vector<F> W[3], b[3], gW[3], gb[3], h[4], dh[4];
  std::vector<int> y;
  Dense() : y(B) {
    Rng r(3);
    for (int l = 0; l < 3; l++) {
      W[l] = r.syms<F>(d[l] * d[l + 1], 1 / std::sqrt(double(d[l])));
      b[l].resize(d[l + 1]); gW[l] = W[l]; gb[l] = b[l];
    }
    for (int l = 0; l < 4; l++) { h[l].resize(B * d[l]); dh[l] = h[l]; }
    for (auto& v : h[0]) v = F(r.u());
    for (auto& v : y) v = int(r.u() * 10);
  }
  void step() {
    for (int l = 0; l < 3; l++) {
      gemm(false, false, B, d[l + 1], d[l], h[l].data(), W[l].data(), F(0), h[l + 1].data());
      for (int s = 0; s < B; s++)
        for (int j = 0; j < d[l + 1]; j++) {
          F v = h[l + 1][s * d[l + 1] + j] + b[l][j];
          h[l + 1][s * d[l + 1] + j] = l < 2 ? (v > 0 ? v : F(0)) : v;
        }
    }
    for (int s = 0; s < B; s++) {
      F *z = &h[3][s * 10], *q = &dh[3][s * 10], m = z[0], t = 0;
      for (int j = 1; j < 10; j++) m = std::max(m, z[j]);
      for (int j = 0; j < 10; j++) { q[j] = std::exp(z[j] - m); t += q[j]; }
      for (int j = 0; j < 10; j++) q[j] = (q[j] / t - F(j == y[s])) / F(B);
    }
    for (int l = 2; l >= 0; l--) {
      std::fill(gb[l].begin(), gb[l].end(), F(0));
      for (int s = 0; s < B; s++) for (int j = 0; j < d[l + 1]; j++) gb[l][j] += dh[l + 1][s * d[l + 1] + j];
      gemm(true, false, d[l], d[l + 1], B, h[l].data(), dh[l + 1].data(), F(0), gW[l].data());
      if (l > 0) {
        gemm(false, true, B, d[l], d[l + 1], dh[l + 1].data(), W[l].data(), F(0), dh[l].data());
        for (size_t i = 0; i < h[l].size(); i++) if (!(h[l][i] > 0)) dh[l][i] = 0;
      }
    }
  }
};
template <class F> static Task dense() {
  auto D = std::make_shared<Dense<F>>();
  return Task{[=] { D->step(); keep(D->gW[0][0]); }, [=] { Checksum c; for (int l = 0; l < 3; l++) { c.add(D->gW[l]); c.add(D->gb[l]); } return c; }};
}

int main() {
  Tasks tasks;
  products<float>(tasks, "f32"); products<double>(tasks, "f64");
  tasks["w2/f32"] = dense<float>; tasks["w2/f64"] = dense<double>;
  tasks["w3"] = [] {
    auto D = std::make_shared<NetData>();
    auto ps = std::make_shared<std::vector<std::vector<double>>>();
    for (int k = 0; k < 1000; k++) ps->push_back(D->perturbed(k));
    auto G = std::make_shared<std::vector<double>>(size_t(1000) * D->P);
    return Task{[=] { for (int k = 0; k < 1000; k++) net_grad_blas(*D, (*ps)[k].data(), &(*G)[size_t(k) * D->P]); },
                [=] { Checksum c; for (int k = 0; k < 1000; k++) { c.count = 0; c.add(&(*G)[size_t(k) * D->P], D->P); } return c; }};
  };
  tasks["w3b"] = [] {
    auto A = std::make_shared<MaxAff>();
    const int K = 10000;
    auto X = std::make_shared<std::vector<double>>(), G = std::make_shared<std::vector<double>>(size_t(K) * A->N), Z = std::make_shared<std::vector<double>>(size_t(K) * A->M);
    for (int k = 0; k < K; k++) { auto q = A->perturbed(k); X->insert(X->end(), q.begin(), q.end()); }
    return Task{[=] {
      for (int k = 0; k < K; k++) for (int i = 0; i < A->M; i++) (*Z)[size_t(k) * A->M + i] = A->b[i];
      gemm(false, true, K, A->M, A->N, X->data(), A->A.data(), 1.0, Z->data());
      for (int k = 0; k < K; k++) A->pick(&(*Z)[size_t(k) * A->M], &(*G)[size_t(k) * A->N]);
    }, [=] { return of(*G); }};
  };
  return serve("openblas", openblas_get_config ? openblas_get_config() : "a BLAS that does not say its version", tasks);
}
