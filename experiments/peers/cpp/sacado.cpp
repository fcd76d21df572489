// Sacado::Rad, reverse mode with a block arena; a tape is used once (no replay).
#include "Sacado_trad.hpp"
#include <cmath>
using S = Sacado::Rad::ADvar<double>;
inline double xmax(double a, double b) { return a > b ? a : b; }
inline double xabs(double a) { return std::fabs(a); }
inline S xmax(const S& a, const S& b) { return a.val() > b.val() ? a : b; }
inline S xabs(const S& a) { return fabs(a); }
#include "tape.hpp"
struct Sac {
  using T = S;
  static constexpr bool can_replay = false;
  std::vector<S> ax;
  int n_ = 0;
  template <class F> void rec(F&& f, const double* x, int n) {
    n_ = n; ax.resize(n);
    for (int i = 0; i < n; i++) ax[i] = x[i];
    S y = f(ax.data());
    Sacado::Rad::ADcontext<double>::Gradcomp();
    (void)y;
  }
  void rev(double* g) { for (int i = 0; i < n_; i++) g[i] = ax[i].adj(); }
};
int main() { return tape_main<Sac>("sacado", PEER_VERSION ", Rad, recorded in every run"); }
