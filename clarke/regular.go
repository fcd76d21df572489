package clarke

import (
	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
)

// Refusal returns the reason why f is not certified to be definable and locally
// Lipschitz near x, or "" if it is: the first op that spoils it, such as a root
// of 0, a floor of an integer or a where whose switch is 0. Neither ∂f(x) nor the
// conservative field is given then. See ad.ClassAt.
func Refusal(f *expr.Func, x Point) (string, error) {
	if err := x.Check(f); err != nil {
		return "", err
	}
	var c expr.Class
	var err error
	if x.IsExact() {
		c, err = ad.ClassAtExact(f, x.Exact())
	} else {
		c, err = ad.ClassAt(f, x.Floats())
	}
	switch {
	case err != nil || c.Certified():
		return "", err
	case c.Refused() == "":
		return "the class of the program is " + c.String(), nil
	}
	return c.Refused(), nil
}
