// Package daraja speaks M-PESA's Daraja API: the requests, answers and callbacks as they are on the wire, and a client that
// works with any Daraja host, Safaricom's or Kivuko's. It needs the standard library only.
//
// A payment by M-Pesa Express takes two steps. STKPush asks for it, and its answer says no more than that the request was
// accepted; what became of it is posted to the request's CallBackURL, where ParseSTKCallback reads it, and can be asked for
// with STKQuery.
//
// Payments out (B2C, B2Pochi, B2B, RemitTax), Reverse, TransactionStatus and AccountBalance take two steps as well. Their
// Acknowledgement says that the request was accepted, and the Result, posted to the request's ResultURL, how it ended:
// ParseResult reads it. They are made in the name of an API operator; see WithInitiator.
//
// Customers also pay by themselves. RegisterURL says where to, and ParseC2BPayment reads what is posted there, before the
// payment for a ValidationReply and after it.
//
// The types are exact in what they write and liberal in what they read: a callback's codes and values are read from numbers
// and strings alike, and written as M-PESA writes them.
package daraja
