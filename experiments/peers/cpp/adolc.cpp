// ADOL-C: a tape that is recorded once and replayed at new points.
#include <adolc/adolc.h>
#include <adolc/drivers/drivers.h>
inline double xmax(double a, double b) { return a > b ? a : b; }
inline double xabs(double a) { return std::fabs(a); }
// parameters are adub/adouble: the values are bound to adouble by the callers' named temporaries
inline adouble xmax(const adouble& a, const adouble& b) { return fmax(a, b); }
inline adouble xabs(const adouble& a) { return fabs(a); }
#include "tape.hpp"
struct Adolc {
  using T = adouble;
  static constexpr bool can_replay = true;
  int n_ = 0;
  short tag = next();  // each workload has a tape of its own
  static short next() { static short last = 0; return ++last; }
  template <class F> void freeze(F&& f, const double* x, int n) {
    n_ = n;
    trace_on(tag, 0);
    {
      std::vector<adouble> ax(n);
      for (int i = 0; i < n; i++) ax[i] <<= x[i];
      adouble y = f(ax.data());
      double yv; y >>= yv;
    }
    trace_off();
  }
  void replay(const double* x, double* g) { ::gradient(tag, n_, x, g); }
};
int main() { return tape_main<Adolc>("adolc", PEER_VERSION ", tape replayed"); }
