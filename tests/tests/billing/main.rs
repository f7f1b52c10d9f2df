//! Money: the real adapter against a stand-in of Stripe, whatever order, repeat, crash or outage there is.

mod adapter;
mod catalogue;
mod changes;
mod events;
mod faults;
mod trial;
