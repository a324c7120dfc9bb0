// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Where the exchange documents its contracts on chain id 137. Nothing here has a constructor or an immutable: the
// runtime code is placed at these addresses.
address constant CTF = 0x4D97DCd97eC945f40cF65F87097ACe5EA0476045;
address constant PUSD = 0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB;
address constant USDCE = 0x2791Bca1f2de4661ED88A30C99A7a9449Aa84174;
address constant USDC = 0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359;
address constant ONRAMP = 0x93070a847efEf7F70739046A929D47a521F5B8ee;
address constant OFFRAMP = 0x2957922Eb93258b93368531d39fAcCA3B4dC5854;
address constant ADAPTER = 0xAdA100Db00Ca00073811820692005400218FcE1f;
address constant NEG_RISK_ADAPTER = 0xd91E80cF2E7be2e162c6513ceD06f1dD0dA35296;
address constant NEG_RISK_COLLATERAL_ADAPTER = 0xadA2005600Dec949baf300f4C6120000bDB6eAab;
address constant WRAPPED_COLLATERAL = 0x3A3BD7bb9528E159577F7C2e685CC81A765002E2;
address constant NEG_RISK_EXCHANGE = 0xe2222d279d744050d28e00520010520000310F59;
address constant DEPOSIT_FACTORY = 0x00000000000Fb5C9ADea0298D729A0CB3823Cc07;
address constant DEPOSIT_BEACON = 0x7A18EDfe055488A3128f01F563e5B479D92ffc3a;
address constant DEPOSIT_WALLET = 0x58CA52ebe0DadfdF531Cde7062e76746de4Db1eB;
